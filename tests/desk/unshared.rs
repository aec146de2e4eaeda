//! Tests that run themselves again where they are root of a small machine of their own.

use std::process::Stdio;

use tokio::process::Command;

use super::FOR_EVER;

/// Says to a test that it is there.
const INSIDE: &str = "EASEL_TEST_UNSHARED";

/// Runs the test of that name, with its modules, once more in a namespace of its own (`--net`,
/// `--mount`: see unshare(1)); whether this is that run.
pub(crate) async fn is_unshared(namespace: &str, test: &str) -> bool {
    #[expect(
        clippy::disallowed_methods,
        reason = "it is no setting, but this test's own word"
    )]
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    let again = Command::new("unshare")
        .args(["--user", "--map-root-user", namespace])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test])
        .env(INSIDE, "yes")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let ended = tokio::time::timeout(FOR_EVER, again).await;
    let ended = ended.expect("the test's end never came");
    let ended = ended.expect("unshare (util-linux) is there");
    let said = [ended.stdout, ended.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(
        ended.status.success() && said.contains("1 passed"),
        "with unshare {namespace} (which needs user namespaces): {said}"
    );
    false
}
