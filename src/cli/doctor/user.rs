//! Is the doctor who the booth is? Root may do what the booth may not, and would find all well.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::doctor::Verdict;

/// What to type instead, where root asks about the booth of somebody else.
pub(super) fn is_another(data_dir: &Path) -> Option<Verdict> {
    let owner = fs::metadata(data_dir).ok()?.uid();
    if owner == 0 || !rustix::process::geteuid().is_root() {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let user = name(&users, owner).map_or_else(|| format!("#{owner}"), str::to_owned);
    Some(Verdict::wrong(format!(
        "{} belongs to {user}, and root may do what {user} may not: \
         runuser -u {user} -- easel doctor",
        data_dir.display()
    )))
}

/// The user of that number among the lines of `/etc/passwd`.
fn name(users: &str, uid: u32) -> Option<&str> {
    let mut users = users.lines().map(|line| line.split(':'));
    users.find_map(|mut fields| {
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_found_by_their_number() {
        let users =
            "root:x:0:0:root:/root:/bin/bash\nodd\neasel:x:998:998:Easel:/var/lib/easel:/x\n";
        assert_eq!(name(users, 998), Some("easel"));
        assert_eq!(name(users, 0), Some("root"));
        assert_eq!(name(users, 99), None);
    }
}
