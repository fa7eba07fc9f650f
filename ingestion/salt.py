"""The secret salt of this warehouse: made once, kept in `raw/identity.duckdb`, published nowhere.

Hashes of addresses, visitor ids and click ids are made with it, so that nobody can guess them back. Who loses the file
gets other hashes from the next build on, and the same people.
"""

import os
import secrets

import duckdb

from ingestion.settings import raw_file


def keep_salt() -> None:
    """Make the salt where there is none yet; sources that load at once agree on one."""
    path = raw_file("identity")
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".{secrets.token_hex(8)}")
    with duckdb.connect(str(unfinished)) as connection:
        connection.execute("create schema raw")
        connection.execute("create table raw.salts as select ? as salt", [secrets.token_hex(32)])
    try:
        os.link(unfinished, path)
    except FileExistsError:
        pass  # another source was faster
    finally:
        unfinished.unlink()
