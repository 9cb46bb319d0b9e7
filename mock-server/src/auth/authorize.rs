//! May they: the state of the service and the operator's rights there.

use std::sync::Arc;

use upyun_client::protocol::ErrorCode;

use crate::{
    accounts::{Accounts, Operator, Rights, Service, ServiceState},
    refusal::Explanation,
    refusal::Refusal,
};

/// The right that an operation needs (`[choice H-1]`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Download, info, list, usage.
    Read,
    /// Upload, make a folder, copy, change metadata.
    Write,
    /// Delete a file or a folder.
    Delete,
    /// Move: write and delete.
    Move,
}

/// Checks that the operator may do this in a service that can be used.
///
/// # Errors
/// The refusals 13 to 17 of the protocol's order of checks.
pub(crate) fn authorize(
    operator: &Operator,
    service: &Service,
    action: Action,
) -> Result<(), Refusal> {
    let refuse = |code: ErrorCode, why: String| Err(Refusal::new(code).because(why));
    let (name, who) = (&service.name, &operator.name);
    let Some(rights) = operator.rights(name) else {
        return refuse(
            ErrorCode::USER_NEED_PERMISSION,
            format!("The operator {who} is not granted on the service {name}."),
        );
    };
    if operator.blocked_in.contains(name) {
        return refuse(
            ErrorCode::USER_BLOCKED_IN_THIS_BUCKET,
            format!("The operator {who} is blocked on the service {name}."),
        );
    }
    if service.state == ServiceState::ReadOnly && action != Action::Read {
        return refuse(
            ErrorCode::BUCKET_READ_ONLY,
            format!("The service {name} is read-only."),
        );
    }
    let needed = match action {
        Action::Read => Rights {
            read: true,
            write: false,
            delete: false,
        },
        Action::Write => Rights {
            read: false,
            write: true,
            delete: false,
        },
        Action::Delete => Rights {
            read: false,
            write: false,
            delete: true,
        },
        Action::Move => Rights {
            read: false,
            write: true,
            delete: true,
        },
    };
    let lacks = |right: &str| format!("The operator {who} has no {right} right on {name}.");
    if needed.read && !rights.read {
        return refuse(ErrorCode::USER_NEED_PERMISSION, lacks("read"));
    }
    if needed.write && !rights.write {
        return refuse(ErrorCode::USER_NEED_PERMISSION, lacks("write"));
    }
    if needed.delete && !rights.delete {
        return refuse(ErrorCode::HAS_NO_PERMISSION_TO_DELETE, lacks("delete"));
    }
    Ok(())
}

/// The service of this name, if it can be used at all.
///
/// # Errors
/// The refusals 11 and 12 of the protocol's order of checks.
pub(crate) fn usable_service(accounts: &Accounts, service: &str) -> Result<Arc<Service>, Refusal> {
    let Some(service) = accounts.service(service) else {
        let known = accounts.services();
        let known: Vec<&str> = known.iter().map(|service| service.name.as_str()).collect();
        return Err(Refusal::new(ErrorCode::BUCKET_NOT_EXIST).because(
            Explanation::new(format!(
                "No service is called {service:?}; this server knows {known:?}. The service is the \
                 first segment of the path."
            ))
            .remedy(format!(
                "start it with `--service {service}`, or use one that it knows."
            )),
        ));
    };
    check_usable(&service)?;
    Ok(service)
}

/// Checks that a service is neither blocked nor removed.
///
/// # Errors
/// The refusal 12 of the protocol's order of checks.
pub(crate) fn check_usable(service: &Service) -> Result<(), Refusal> {
    let refuse = |code: ErrorCode, why: String| Err(Refusal::new(code).because(why));
    let name = &service.name;
    match service.state {
        ServiceState::Blocked => refuse(
            ErrorCode::BUCKET_BLOCKED,
            format!("The service {name} is blocked."),
        ),
        ServiceState::Removed => refuse(
            ErrorCode::BUCKET_REMOVED,
            format!("The service {name} is removed."),
        ),
        ServiceState::Active | ServiceState::ReadOnly => Ok(()),
    }
}
