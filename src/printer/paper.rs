//! The sheets left on a roll, as the booth's own record has them.

use crate::store::{StoreError, Txn};

const LEFT: &str = "roll.left";
const SIZE: &str = "roll.size";

/// Sheets left, and sheets of a new roll; `None` if nobody has said.
pub(super) async fn read(txn: &mut Txn) -> Result<Option<(u32, u32)>, StoreError> {
    let rows: Vec<(String, i64)> =
        sqlx::query_as("SELECT name, value FROM notes WHERE name IN ($1, $2)")
            .bind(LEFT)
            .bind(SIZE)
            .fetch_all(txn.connection())
            .await?;
    let value = |name| {
        let (_, value) = rows.iter().find(|(known, _)| known == name)?;
        u32::try_from(*value).ok()
    };
    Ok(value(LEFT).zip(value(SIZE)))
}

/// Notes how it stands.
pub(super) async fn write(txn: &mut Txn, left: u32, size: u32) -> Result<(), StoreError> {
    for (name, value) in [(LEFT, left), (SIZE, size)] {
        sqlx::query(
            "INSERT INTO notes (name, value) VALUES ($1, $2)
             ON CONFLICT (name) DO UPDATE SET value = $2",
        )
        .bind(name)
        .bind(i64::from(value))
        .execute(txn.connection())
        .await?;
    }
    Ok(())
}

/// Takes sheets off, if there is a roll.
pub(super) async fn take_off(txn: &mut Txn, sheets: u32) -> Result<(), StoreError> {
    sqlx::query("UPDATE notes SET value = MAX(value - $2, 0) WHERE name = $1")
        .bind(LEFT)
        .bind(i64::from(sheets))
        .execute(txn.connection())
        .await?;
    Ok(())
}
