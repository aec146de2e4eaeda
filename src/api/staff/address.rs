//! Where phones are sent: how that is, and the staff's choice among this machine's addresses.

use std::net::IpAddr;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::guard::Body;
use super::super::problem::sentence;
use super::super::{Api, Problem};
use super::OnDuty;
use crate::serve::{AddressState, Candidate, Look, Pin, PinError};
use crate::staff::parts::Mood;

/// The address that QR codes say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct AddressPart {
    /// How it is, at a glance.
    mood: Mood,
    /// How well phones reach it.
    state: AddressState,
    /// `http(s)://host[:port]`.
    url: String,
    /// The interface it belongs to; left out: settings say the address, or there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    interface: Option<String>,
    /// What staff may choose from, the best first; empty where settings leave no choice.
    candidates: Vec<Candidate>,
    /// What staff have chosen, there or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pinned: Option<AddressChoice>,
    /// What staff have chosen is not there: the booth has chosen by itself meanwhile.
    pin_missing: bool,
}

/// An address of one of this machine's interfaces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddressChoice {
    /// The interface's name.
    interface: String,
    /// Its address. If the interface is given another one, that is taken.
    #[schema(value_type = String)]
    address: IpAddr,
}

impl From<Look> for AddressPart {
    fn from(look: Look) -> Self {
        let pin_missing = look.pin_is_missing();
        let mood = match look.state {
            AddressState::Reachable | AddressState::ThisMachineOnly => Mood::Well,
            AddressState::NoCarrier | AddressState::SelfAssigned | AddressState::VirtualOnly => {
                Mood::Watch
            }
            AddressState::NoNetwork | AddressState::Ipv6Only | AddressState::AddressGone => {
                Mood::Trouble
            }
        };
        Self {
            mood: if pin_missing {
                mood.max(Mood::Watch)
            } else {
                mood
            },
            state: look.state,
            url: look.base,
            interface: look.chosen.map(|one| one.interface),
            candidates: look.candidates,
            pinned: look
                .pinned
                .map(|Pin { interface, address }| AddressChoice { interface, address }),
            pin_missing,
        }
    }
}

/// How it is now.
pub(super) fn now(api: &Api) -> AddressPart {
    api.reach.look().into()
}

/// Choose the address that phones are sent to, over restarts too.
#[utoipa::path(put, path = "/address", operation_id = "choose_address", tag = "staff",
    security(("staff" = [])), request_body = AddressChoice,
    responses((status = 200, body = AddressPart), (status = "4XX", body = Problem)))]
pub(super) async fn choose(
    State(api): State<Api>,
    _: OnDuty,
    Body(AddressChoice { interface, address }): Body<AddressChoice>,
) -> Result<Json<AddressPart>, Problem> {
    keep(api, Some(Pin { interface, address })).await
}

/// Leave the choice to the booth again.
#[utoipa::path(delete, path = "/address", operation_id = "leave_address", tag = "staff",
    security(("staff" = [])),
    responses((status = 200, body = AddressPart), (status = "4XX", body = Problem)))]
pub(super) async fn leave(State(api): State<Api>, _: OnDuty) -> Result<Json<AddressPart>, Problem> {
    keep(api, None).await
}

async fn keep(api: Api, pin: Option<Pin>) -> Result<Json<AddressPart>, Problem> {
    let reach = api.reach.clone();
    let kept = tokio::task::spawn_blocking(move || reach.pin(pin)).await;
    match kept {
        Ok(Ok(())) => Ok(Json(now(&api))),
        Ok(Err(error @ PinError::Io(_))) => Err(Problem::internal(&error)),
        Ok(Err(error)) => Err(Problem::invalid(sentence(&error.to_string()))),
        Err(crash) => Err(Problem::internal(&crash)),
    }
}
