"""Messages that have come and gone: the requests about them are of no more use to the journal.

A message of a standard queue that was deleted has left nothing behind. The requests about it (it was sent,
received, deleted) can be forgotten together, once every message that one of them was about is gone: a
receive that also returned another message must be made again as it was, and so must what it returned.
What a later receive returns does not depend on them: it did not return them, so they were in its way
nowhere.
"""

import sqlite3

from slipway.cloud.state import State

SCHEMA = """
CREATE TABLE IF NOT EXISTS journal_messages (
    sequence INTEGER NOT NULL, message TEXT NOT NULL, kept INTEGER NOT NULL,
    PRIMARY KEY (message, sequence)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS journal_messages_of ON journal_messages (sequence);
CREATE TABLE IF NOT EXISTS journal_gone (message TEXT PRIMARY KEY) WITHOUT ROWID;
"""
OPERATIONS = {  # that do nothing but to messages
    "SendMessage",
    "SendMessageBatch",
    "ReceiveMessage",
    "DeleteMessage",
    "DeleteMessageBatch",
    "ChangeMessageVisibility",
    "ChangeMessageVisibilityBatch",
}
MOST = 500  # requests that are looked at to forget one; more of them stay for good


def prepare(db: sqlite3.Connection) -> None:
    """Make the tables."""
    for statement in filter(str.strip, SCHEMA.split(";")):
        db.execute(statement)


def note(state: State, number: int, operation: str, messages: set[str], gone: set[str]) -> None:
    """Note which messages an entry was about, and forget the entries whose messages all are gone.

    Args:
        state: Of the journal.
        number: The entry's.
        operation: Its name.
        messages: Their ids.
        gone: Those that were deleted.
    """
    if not messages:
        return
    kept = operation not in OPERATIONS
    with state.transaction() as db:
        db.executemany(
            "INSERT OR REPLACE INTO journal_messages VALUES (?, ?, ?)",
            [(number, message, kept) for message in messages],
        )
        db.executemany(
            "INSERT OR IGNORE INTO journal_gone VALUES (?)", [(m,) for m in gone & messages]
        )
        for message in gone & messages:
            if found := together(db, message):
                forget(db, *found)


def together(db: sqlite3.Connection, message: str) -> tuple[set[str], set[int]] | None:
    """Return the messages and entries that go with a message; None where one of them has to stay."""
    messages, entries, todo = {message}, set[int](), [message]
    while todo:
        if len(entries) > MOST:
            return None
        each = todo.pop()
        if not db.execute("SELECT 1 FROM journal_gone WHERE message = ?", (each,)).fetchone():
            return None
        rows = db.execute(
            "SELECT sequence, kept FROM journal_messages WHERE message = ?", (each,)
        ).fetchall()
        for sequence, kept in rows:
            if kept:
                return None
            if sequence not in entries:
                entries.add(sequence)
                others = db.execute(
                    "SELECT message FROM journal_messages WHERE sequence = ?", (sequence,)
                )
                fresh = {other for (other,) in others} - messages
                messages |= fresh
                todo += fresh
    return messages, entries


def forget(db: sqlite3.Connection, messages: set[str], entries: set[int]) -> None:
    """Remove entries, and what is known of their messages."""
    rows = [(entry,) for entry in entries]
    db.executemany("DELETE FROM journal WHERE sequence = ?", rows)
    db.executemany("DELETE FROM journal_taken WHERE sequence = ?", rows)
    db.executemany("DELETE FROM journal_messages WHERE sequence = ?", rows)
    db.executemany("DELETE FROM journal_gone WHERE message = ?", [(m,) for m in messages])
