use super::*;

/// A photo, a seed, words, an output: `extra` is put among the nodes.
fn graph(extra: &str) -> String {
    format!(
        r#"{{
        "1": {{"class_type": "LoadImage", "inputs": {{"image": "x.png"}}, "_meta": {{"title": "booth:input"}}}},
        "2": {{"class_type": "KSampler", "inputs": {{"image": ["1", 0], "seed": 1, "cfg": 1.0}}, "_meta": {{"title": "booth:seed"}}}},
        "3": {{"class_type": "Words", "inputs": {{"image": ["2", 0], "text": "x"}}, "_meta": {{"title": "booth:prompt"}}}},
        "4": {{"class_type": "Scale", "inputs": {{"image": ["3", 0], "width": 1024, "height": 1000}}, "_meta": {{"title": "booth:size"}}}},
        {extra}
        "9": {{"class_type": "SaveImage", "inputs": {{"images": ["4", 0], "filename_prefix": "a"}}, "_meta": {{"title": "booth:output"}}}}}}"#
    )
}

fn bound(workflow: &Workflow, smaller: bool, keep: bool) -> Value {
    workflow.bind(&Bindings {
        image: "booth/p.jpg [temp]",
        seed: 7,
        prompt: "in oil",
        negative: "",
        smaller,
        prefix: "booth/a1",
        keep,
    })
}

fn wrong(text: &str) -> String {
    Workflow::parse(text).unwrap_err().to_string()
}

#[test]
fn titles_say_what_is_filled_in() {
    let workflow = Workflow::parse(&graph("")).unwrap();
    let sent = bound(&workflow, false, false);
    assert_eq!(sent["1"]["inputs"]["image"], "booth/p.jpg [temp]");
    assert_eq!(sent["2"]["inputs"]["seed"], 7);
    assert_eq!(sent["3"]["inputs"]["text"], "in oil");
    assert_eq!(sent["4"]["inputs"]["width"], 1_024);
    assert_eq!(sent["9"]["class_type"], "PreviewImage");
    assert_eq!(sent["9"]["inputs"], json!({"images": ["4", 0]}));
    assert_eq!(workflow.output(), "9");
    assert!(
        workflow.classes().contains("PreviewImage") && !workflow.classes().contains("SaveImage")
    );
}

#[test]
fn sizes_shrink_and_files_are_kept_when_told_so() {
    let sent = bound(&Workflow::parse(&graph("")).unwrap(), true, true);
    assert_eq!(
        (
            &sent["4"]["inputs"]["width"],
            &sent["4"]["inputs"]["height"]
        ),
        (&json!(768), &json!(736))
    );
    assert_eq!(sent["9"]["class_type"], "SaveImage");
    assert_eq!(sent["9"]["inputs"]["filename_prefix"], "booth/a1");
}

#[test]
fn nodes_that_nothing_needs_are_dropped() {
    let more = r#""7": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}},"#;
    let sent = bound(&Workflow::parse(&graph(more)).unwrap(), false, false);
    assert!(sent.get("7").is_none(), "{sent}");
}

#[test]
fn what_is_wrong_is_said() {
    assert!(wrong("{").starts_with("is not JSON"));
    assert!(wrong("[]").contains("not a graph"));
    assert!(wrong(r#"{"nodes": [], "links": []}"#).contains("Export (API)"));
    // The node that would kill the server's worker, needed or not.
    assert!(
        wrong(&graph(r#""7": {"class_type": "LoadImage"},"#))
            .contains("node \"7\" needs class_type and inputs")
    );
    assert!(wrong(&graph("").replace("booth:output", "x")).contains("\"booth:output\", and has 0"));
    assert!(
        wrong(&graph("").replace("booth:prompt", "booth:output"))
            .contains("\"booth:output\", and has 2")
    );
    assert!(
        wrong(&graph("").replace(r#"["3", 0]"#, r#"["33", 0]"#))
            .contains("from node \"33\", which does not exist")
    );
    assert!(wrong(&graph("").replace(r#"["1", 0]"#, r#"["4", 0]"#)).contains("circle"));
    assert!(wrong(&graph("").replace(r#"["1", 0]"#, "0")).contains("nothing leads"));
    assert!(
        wrong(&graph("").replace("\"seed\"", "\"chance\""))
            .contains("none of the inputs seed, noise_seed")
    );
}

#[test]
fn a_deep_graph_is_no_reason_to_overflow() {
    let chain: String = (100..20_000)
        .map(|i| {
            let from = if i == 100 { 2 } else { i - 1 };
            format!(r#""{i}": {{"class_type": "N", "inputs": {{"image": ["{from}", 0]}}}},"#)
        })
        .collect();
    let text = graph(&chain).replace(
        r#""image": ["3", 0]"#,
        r#""image": ["3", 0], "more": ["19999", 0]"#,
    );
    assert_eq!(Workflow::parse(&text).unwrap().nodes().count(), 5 + 19_900);
}

#[test]
fn sampling_weighs_most() {
    let workflow = Workflow::parse(&graph("")).unwrap();
    assert!(workflow.weight("2") > workflow.whole_weight() / 2.0);
}
