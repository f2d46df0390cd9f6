//! What a fresh world begins with: an admin, a customer, the plans. Putting it in again changes
//! nothing.

use sandbox::ControlError;

use crate::stack::Shared;
use crate::world::World;

/// The seeded admin.
pub(crate) const ADMIN_EMAIL: &str = "admin@daypass.test";
const ADMIN_PASSWORD: &str = "admin-daypass";
/// The seeded customer.
const CUSTOMER_EMAIL: &str = "demo@daypass.test";
const CUSTOMER_PASSWORD: &str = "demo-daypass";

pub(crate) async fn put_in(shared: &Shared, world: &World) -> Result<(), String> {
    person(shared, ADMIN_EMAIL, ADMIN_PASSWORD, true)?;
    person(shared, CUSTOMER_EMAIL, CUSTOMER_PASSWORD, false)?;
    plans(shared, world).await
}

fn person(shared: &Shared, email: &str, password: &str, admin: bool) -> Result<(), String> {
    if shared.sandbox.oidc.subject_of(email).is_some() {
        return Ok(());
    }
    let made = shared.sandbox.oidc.create_user(email, password, admin);
    made.map(drop)
        .map_err(|cause: ControlError| cause.to_string())
}

/// The one hook for the product's own seeds.
async fn plans(_shared: &Shared, _world: &World) -> Result<(), String> {
    Ok(())
}
