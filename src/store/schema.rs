//! The tables, and how older files become current.

use sqlx::SqliteExecutor;
use sqlx::sqlite::SqlitePool;

use super::StoreError;

/// One text per version; a file at version n has seen the first n. Never change one that has
/// shipped: add the next.
const VERSIONS: &[&str] = &[
    "
    CREATE TABLE sessions (
        id TEXT PRIMARY KEY,
        code_hash TEXT UNIQUE,
        opened_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL,
        active_at BIGINT NOT NULL,
        stage TEXT NOT NULL,
        unsettled BIGINT NOT NULL DEFAULT 0,
        on_screen BIGINT NOT NULL DEFAULT 0,
        erased_at BIGINT
    );
    CREATE INDEX sessions_by_expiry ON sessions (expires_at);
    CREATE TABLE events (
        session TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
        seq BIGINT NOT NULL,
        at BIGINT NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (session, seq)
    ) WITHOUT ROWID;
    CREATE TABLE jobs (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        queue TEXT NOT NULL,
        session TEXT NOT NULL,
        subject TEXT NOT NULL,
        state TEXT NOT NULL,
        attempts BIGINT NOT NULL DEFAULT 0,
        lease BIGINT NOT NULL DEFAULT 0,
        queued_at BIGINT NOT NULL,
        visible_at BIGINT NOT NULL,
        first_claimed_at BIGINT,
        last_error TEXT
    );
    CREATE INDEX jobs_waiting ON jobs (state, queue, visible_at);
    CREATE INDEX jobs_by_subject ON jobs (subject);
    CREATE TABLE notes (
        name TEXT PRIMARY KEY,
        value BIGINT NOT NULL
    );
",
    "
    CREATE TABLE figures (
        day TEXT NOT NULL,
        what TEXT NOT NULL,
        which TEXT NOT NULL,
        n BIGINT NOT NULL,
        PRIMARY KEY (day, what, which)
    ) WITHOUT ROWID;
    CREATE TABLE pause (
        reason TEXT NOT NULL,
        note TEXT NOT NULL,
        since BIGINT NOT NULL,
        until BIGINT
    );
    CREATE INDEX sessions_by_opening ON sessions (opened_at, id);
",
    "
    CREATE TABLE pool_attempts (
        id TEXT PRIMARY KEY,
        session TEXT NOT NULL,
        painting TEXT NOT NULL,
        server TEXT NOT NULL,
        receipt TEXT,
        begun_at BIGINT NOT NULL
    );
    CREATE INDEX pool_attempts_by_painting ON pool_attempts (painting);
    CREATE TABLE pool_days (
        day TEXT NOT NULL,
        server TEXT NOT NULL,
        style TEXT NOT NULL,
        attempts BIGINT NOT NULL,
        done BIGINT NOT NULL,
        failed BIGINT NOT NULL,
        stopped BIGINT NOT NULL,
        busy_s REAL NOT NULL,
        awake_s REAL NOT NULL,
        spent REAL NOT NULL,
        PRIMARY KEY (day, server, style)
    ) WITHOUT ROWID;
",
    "
    CREATE TABLE spool (
        order_id TEXT PRIMARY KEY,
        session TEXT NOT NULL,
        ticket BIGINT NOT NULL,
        sheets BIGINT NOT NULL,
        sheets_done BIGINT NOT NULL DEFAULT 0,
        part BIGINT NOT NULL DEFAULT 0,
        attempt BIGINT NOT NULL DEFAULT 0,
        stage TEXT NOT NULL,
        job BIGINT,
        printer TEXT NOT NULL,
        since BIGINT NOT NULL,
        why TEXT NOT NULL DEFAULT ''
    ) WITHOUT ROWID;
    CREATE INDEX spool_by_session ON spool (session);
    CREATE INDEX spool_by_stage ON spool (stage);
",
    "
    CREATE TABLE requests (
        scope TEXT NOT NULL,
        key TEXT NOT NULL,
        session TEXT,
        digest TEXT NOT NULL,
        outcome TEXT NOT NULL,
        seq BIGINT NOT NULL,
        at BIGINT NOT NULL,
        PRIMARY KEY (scope, key)
    ) WITHOUT ROWID;
    CREATE INDEX requests_by_session ON requests (session);
",
    "
    CREATE TABLE spool_jobs (
        order_id TEXT NOT NULL REFERENCES spool (order_id) ON DELETE CASCADE,
        attempt BIGINT NOT NULL,
        printer TEXT NOT NULL,
        device_id BIGINT,
        sheets BIGINT NOT NULL,
        counted BIGINT,
        state TEXT NOT NULL,
        cause TEXT,
        sent BIGINT,
        begun BIGINT,
        started BIGINT,
        stood BIGINT NOT NULL DEFAULT 0,
        at BIGINT NOT NULL,
        ended BIGINT,
        PRIMARY KEY (order_id, attempt)
    ) WITHOUT ROWID;
    INSERT INTO spool_jobs (order_id, attempt, printer, device_id, sheets, state, cause, at)
        SELECT order_id, attempt, printer, job, part,
            CASE stage
                WHEN 'delivering' THEN 'delivering'
                WHEN 'sent' THEN 'taken'
                WHEN 'done' THEN 'printed'
                WHEN 'doubtful' THEN 'uncertain'
                WHEN 'leaving' THEN 'taken'
                WHEN 'stray' THEN CASE part WHEN 0 THEN 'printed' ELSE 'uncertain' END
                ELSE 'unprinted'
            END,
            CASE
                WHEN stage <> 'doubtful' THEN NULL
                WHEN why = 'lost' THEN 'forgotten'
                WHEN why = 'other printer' THEN 'other_printer'
                ELSE 'broke_off'
            END,
            since
        FROM spool WHERE attempt > 0 AND stage <> 'preparing';
    ALTER TABLE spool ADD COLUMN state TEXT NOT NULL DEFAULT 'doubtful';
    ALTER TABLE spool ADD COLUMN cause TEXT;
    ALTER TABLE spool ADD COLUMN remark TEXT NOT NULL DEFAULT '';
    ALTER TABLE spool ADD COLUMN again BIGINT NOT NULL DEFAULT 0;
    UPDATE spool SET
        state = CASE stage
            WHEN 'preparing' THEN 'waiting'
            WHEN 'delivering' THEN 'printing'
            WHEN 'sent' THEN 'printing'
            WHEN 'erase' THEN 'erasing'
            WHEN 'leaving' THEN 'erasing'
            ELSE stage
        END,
        cause = CASE
            WHEN stage = 'failed' THEN 'ended_early'
            WHEN stage <> 'doubtful' THEN NULL
            WHEN why = 'lost' THEN 'forgotten'
            WHEN why = 'other printer' THEN 'other_printer'
            ELSE 'broke_off'
        END,
        remark = CASE
            WHEN stage IN ('failed', 'doubtful') AND why NOT IN ('lost', 'other printer', 'again')
                THEN why
            ELSE ''
        END,
        again = why = 'again';
    DROP INDEX spool_by_stage;
    ALTER TABLE spool DROP COLUMN part;
    ALTER TABLE spool DROP COLUMN stage;
    ALTER TABLE spool DROP COLUMN job;
    ALTER TABLE spool DROP COLUMN printer;
    ALTER TABLE spool DROP COLUMN why;
    CREATE INDEX spool_by_state ON spool (state);
",
    "
    CREATE TABLE ended_shifts (
        shift TEXT PRIMARY KEY,
        until BIGINT NOT NULL
    ) WITHOUT ROWID;
",
];

/// The version of the file, if this is one that this Easel knows.
///
/// # Errors
/// [`StoreError::TooNew`], [`StoreError::Broken`] if it is no record at all.
pub(super) async fn known_in(record: impl SqliteExecutor<'_>) -> Result<i64, StoreError> {
    let found = sqlx::query_scalar("PRAGMA user_version").fetch_one(record);
    let found = found.await?;
    let known = i64::try_from(VERSIONS.len()).expect("a handful of versions");
    if found > known {
        return Err(StoreError::TooNew { found, known });
    }
    Ok(found)
}

/// Brings the file to the current version, one transaction a step.
pub(super) async fn migrate(pool: &SqlitePool) -> Result<(), StoreError> {
    let found = known_in(pool).await?;
    for (version, text) in (1_i64..).zip(VERSIONS) {
        if version > found {
            let mut tx = pool.begin().await?;
            sqlx::raw_sql(*text).execute(&mut *tx).await?;
            let mark = format!("PRAGMA user_version = {version}");
            sqlx::raw_sql(sqlx::AssertSqlSafe(mark))
                .execute(&mut *tx)
                .await?;
            tx.commit().await?;
        }
    }
    renumber(pool).await
}

/// Gives jobs numbers within reason, should one not have any: after the largest there is SQLite gives
/// none, and says that the disk is full.
async fn renumber(pool: &SqlitePool) -> Result<(), StoreError> {
    const TOO_MANY: i64 = 1 << 40;
    let strange: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM jobs WHERE id >= $1")
        .bind(TOO_MANY)
        .fetch_one(pool)
        .await?;
    for _ in 0..strange {
        sqlx::query(
            "UPDATE jobs SET id = (SELECT COALESCE(MAX(id), 0) + 1 FROM jobs WHERE id < $1)
             WHERE id = (SELECT MAX(id) FROM jobs)",
        )
        .bind(TOO_MANY)
        .execute(pool)
        .await?;
    }
    sqlx::query(
        "UPDATE sqlite_sequence SET seq = (SELECT COALESCE(MAX(id), 0) FROM jobs)
         WHERE name = 'jobs' AND seq >= $1",
    )
    .bind(TOO_MANY)
    .execute(pool)
    .await?;
    Ok(())
}
