import type { Database } from 'better-sqlite3'

/**
 * What is out of reach, on a drive that is away, costs nothing while other work is looked for; and a
 * file that was gone for a while may be another photo under its name.
 */
export function workWithinReach(db: Database): void {
  db.exec(`
    -- 1: no file of the photo could be looked at when it was its turn. 0 as soon as that may be over.
    ALTER TABLE task ADD COLUMN away INTEGER NOT NULL DEFAULT 0 CHECK (away IN (0, 1));
    CREATE INDEX task_within_reach ON task (photo_id) WHERE state = 'pending' AND away = 0;
    CREATE INDEX task_away ON task (photo_id) WHERE away = 1;
    CREATE TRIGGER file_within_reach_again AFTER UPDATE OF photo_id, state, content_hash, reading ON file
    WHEN new.state = 'present'
    BEGIN UPDATE task SET away = 0 WHERE photo_id = new.photo_id AND away = 1; END;
    CREATE TRIGGER folder_within_reach_again AFTER UPDATE OF state ON folder
    WHEN new.state = 'online' AND old.state <> 'online'
    BEGIN UPDATE task SET away = 0 WHERE away = 1; END;

    -- Seconds since 1970; when it was found missing.
    ALTER TABLE file ADD COLUMN missing_at INTEGER;
    -- 1: it is back after it was missing, not only while a program wrote it anew.
    ALTER TABLE file ADD COLUMN returned INTEGER NOT NULL DEFAULT 0 CHECK (returned IN (0, 1));
    CREATE TRIGGER file_is_missing AFTER UPDATE OF state ON file
    WHEN new.state = 'missing' AND old.state <> 'missing'
    BEGIN UPDATE file SET missing_at = unixepoch() WHERE id = new.id; END;

    CREATE INDEX photo_stray_by_path ON photo (last_path) WHERE last_path IS NOT NULL;
    CREATE INDEX file_to_read ON file (folder_id, id) WHERE reading = 'pending' AND state = 'present';
  `)
}
