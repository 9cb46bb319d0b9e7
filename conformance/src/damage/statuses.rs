//! Statuses and codes of responses.

use super::{Act, Damage, responses::response};

pub(super) static DAMAGES: &[Damage] = &[
    response!(
        "part-as-whole",
        "A part of an object has the status 206.",
        "rest.get",
        |_, response, _| if response.status == 206 {
            response.status = 200;
        }
    ),
    response!(
        "not-modified-as-whole",
        "A copy that is still current has the status 304.",
        "rest.get",
        |_, response, _| if response.status == 304 {
            response.status = 200;
        }
    ),
    response!(
        "upload-created",
        "An upload has the status 200.",
        "rest.put",
        |request, response, _| if request.uploads() && response.status == 200 {
            response.status = 201;
        }
    ),
    response!(
        "deletion-without-content",
        "A deletion has the status 200.",
        "rest.delete",
        |request, response, _| if request.is("DELETE") && response.status == 200 {
            response.status = 204;
        }
    ),
    response!(
        "unauthorized-as-forbidden",
        "A request whose signature is wrong has the status 401.",
        "auth.header",
        |_, response, _| if response.status == 401 {
            response.status = 403;
        }
    ),
    response!(
        "unknown-operator-as-wrong-signature",
        "An operator that does not exist has the code 40100006.",
        "auth.header",
        |_, response, _| response.recode(40_100_006, 40_100_005)
    ),
    response!(
        "wrong-signature-as-unknown-operator",
        "A wrong signature has the code 40100005.",
        "auth.header",
        |_, response, _| response.recode(40_100_005, 40_100_006)
    ),
    response!(
        "md5-mismatch-as-malformed",
        "A Content-MD5 that does not fit has the code 40000006.",
        "rest.put",
        |_, response, _| response.recode(40_000_006, 40_001_001)
    ),
    response!(
        "missing-deleted",
        "A deletion of nothing is refused.",
        "rest.delete",
        |request, response, _| if request.is("DELETE") {
            response.accept(40_400_001, 200);
        }
    ),
    response!(
        "missing-as-empty",
        "A download of nothing is refused.",
        "rest.get",
        |request, response, _| if request.is("GET") {
            response.accept(40_400_001, 200);
        }
    ),
    response!(
        "read-only-service-written",
        "A read-only service is not written.",
        "auth.rights",
        |_, response, _| response.accept(40_100_015, 200)
    ),
    response!(
        "copied-to-itself",
        "An object is not copied to itself.",
        "rest.copy-move",
        |_, response, _| response.accept(40_000_041, 200)
    ),
    response!(
        "full-service-written",
        "An upload that does not fit into the service is refused.",
        "rest.put",
        |_, response, _| response.accept(40_300_004, 200)
    ),
    response!(
        "full-folder-deleted",
        "A folder with entries is not deleted.",
        "rest.folder",
        |request, response, _| if request.is("DELETE") && response.code().is_some() {
            response.status = 200;
            response.headers.remove("x-error-code");
            response.body.clear();
        }
    ),
];
