//! What the program under test did and never did.

use crate::{
    form::form,
    kit::{Send as _, get, put, request, start},
};

#[test]
fn the_report_tells_what_was_met_and_what_never_was() {
    let server = start();
    server
        .add_fault("PUT => status=503 times=1".parse().unwrap())
        .unwrap();
    put("/demo/a.txt", "x").send(&server);
    put("/demo/a.txt", "x").ok(&server);
    put("/demo/b.txt", "x")
        .header("Content-MD5", "9dd4e461268c8034f5c8564e155c67a6")
        .ok(&server);
    get("/demo/").ok(&server);
    get("/demo/a.txt")
        .header("Range", "bytes=0-0")
        .send(&server);
    get("/demo/none").send(&server);
    let late = std::time::SystemTime::now() - std::time::Duration::from_secs(1200);
    get("/demo/a.txt").at(late).ok(&server);
    let report = request("GET", "/_mock/report")
        .unsigned()
        .ok(&server)
        .json();
    assert_eq!(report["requests"], 7);
    assert_eq!(report["forgotten"], 0);
    let count = |list: &str, id: &str, member: &str| {
        let list = report[list].as_array().unwrap();
        let found = list.iter().find(|it| {
            it["id"] == id
                || it["code"]
                    .as_u64()
                    .is_some_and(|code| id.parse() == Ok(code))
        });
        found.unwrap_or_else(|| panic!("no {id} in {list:?}"))[member].clone()
    };
    assert_eq!(count("operations", "rest.put", "requests"), 3);
    assert_eq!(count("operations", "rest.list", "requests"), 1);
    assert_eq!(count("operations", "rest.get", "requests"), 3);
    assert_eq!(count("operations", "rest.delete", "requests"), 0);
    assert_eq!(count("codes", "40400001", "seen"), 1);
    assert_eq!(count("codes", "40100005", "seen"), 0);
    assert_eq!(count("features", "content-md5", "seen"), 1);
    assert_eq!(count("features", "range", "seen"), 1);
    assert_eq!(count("features", "retry", "seen"), 1);
    assert_eq!(count("features", "fault", "seen"), 1);
    assert_eq!(count("features", "resume", "seen"), 0);
    let never = &report["never"];
    assert!(
        never["operations"]
            .as_array()
            .unwrap()
            .contains(&"multipart.initiate".into())
    );
    assert!(
        never["codes"]
            .as_array()
            .unwrap()
            .contains(&42_900_001.into())
    );
    assert!(
        never["features"]
            .as_array()
            .unwrap()
            .contains(&"resume".into())
    );
    assert_eq!(count("fragile", "no-checksum", "requests"), 2);
    assert_eq!(
        count("fragile", "clock-off", "examples"),
        serde_json::json!([7])
    );
}

#[test]
fn placeholders_that_are_none_are_reported() {
    let server = start();
    form("a.txt", "x").accepted(&server);
    let literal = form("b.txt", "x").with("save-key", "/{file_name}{.suffix}");
    literal.accepted(&server);
    let report = request("GET", "/_mock/report").unsigned().ok(&server);
    let report = report.json();
    let mut fragile = report["fragile"].as_array().unwrap().iter();
    let found = fragile.find(|entry| entry["id"] == "literal-placeholder");
    assert_eq!(found.unwrap()["requests"], 1, "{report}");
}
