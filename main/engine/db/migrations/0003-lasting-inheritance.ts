import type { Database } from 'better-sqlite3'

/**
 * Which photo was made of which by an edit in place is known for good, so that undo reaches both. Tags
 * may turn out to be one, and a copy is told from a photo that was moved.
 */
export function lastingInheritance(db: Database): void {
  db.exec(`
    -- 0: the photo before may still turn up elsewhere, which means that this is another picture.
    ALTER TABLE inheritance ADD COLUMN settled INTEGER NOT NULL DEFAULT 0 CHECK (settled IN (0, 1));
    -- 1: the edit was taken back, or made again: what was said meanwhile is passed on when the queue
    -- is empty.
    ALTER TABLE inheritance ADD COLUMN taken_back INTEGER NOT NULL DEFAULT 0
      CHECK (taken_back IN (0, 1));
    -- Steps up to this one were made when both were one photo.
    ALTER TABLE inheritance ADD COLUMN last_step INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX inheritance_open ON inheritance (from_photo) WHERE settled = 0 OR taken_back = 1;
    INSERT OR IGNORE INTO inheritance (photo_id, from_photo, settled)
      SELECT photo_id, inherited_from, 1 FROM decision WHERE inherited_from IS NOT NULL
      UNION SELECT photo_id, inherited_from, 1 FROM album_photo WHERE inherited_from IS NOT NULL
      UNION SELECT photo_id, inherited_from, 1 FROM rating WHERE inherited_from IS NOT NULL;
    UPDATE inheritance SET last_step = (SELECT coalesce(max(id), 0) FROM undo_step);

    -- The file that lay elsewhere with the same size, unchanged, when this one was found.
    ALTER TABLE file ADD COLUMN copy_of INTEGER;
    -- What tells a file from another of its name, size and time: NULL until it was seen again.
    ALTER TABLE file ADD COLUMN inode REAL;
    -- Milliseconds; when anything of the file was changed, its name and permissions included.
    ALTER TABLE file ADD COLUMN changed_ms REAL;
    CREATE INDEX file_by_size_and_time ON file (size, modified_ms);
    CREATE INDEX photo_unread_by_path ON photo (last_path)
      WHERE last_path IS NOT NULL AND content_hash IS NULL;

    -- Tags that turned out to be another one: undo steps may still name them.
    CREATE TABLE tag_alias (
      former_id INTEGER PRIMARY KEY,
      tag_id INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX tag_alias_by_tag ON tag_alias (tag_id);
  `)
}
