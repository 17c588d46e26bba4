import type { Database } from 'better-sqlite3'

/**
 * A photo is known by its image data, and reading is a matter of each file. What persons say, their
 * albums and ratings come in, every change of them undoable.
 */
export function identitiesAndDecisions(db: Database): void {
  db.exec(identities)
  db.exec(decisions)
  giveTags(db)
  for (const [table, columns] of undoable) db.exec(recording(table, columns))
}

const identities = `
  CREATE TABLE file_of_version_2 (
    id INTEGER PRIMARY KEY,
    folder_id INTEGER NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
    photo_id INTEGER NOT NULL REFERENCES photo (id),
    -- Relative to the folder, with '/' between names; '' for the folder itself.
    directory TEXT NOT NULL,
    name TEXT NOT NULL,
    size INTEGER NOT NULL,
    modified_ms REAL NOT NULL,
    -- ignored: a rule in .albumenignore leaves it out.
    state TEXT NOT NULL DEFAULT 'present' CHECK (state IN ('present', 'missing', 'ignored')),
    -- Of its bytes when they were read last.
    content_hash BLOB CHECK (length(content_hash) = 32),
    -- pending: new, or changed since it was read.
    reading TEXT NOT NULL DEFAULT 'pending'
      CHECK (reading IN ('pending', 'done', 'quarantined', 'cancelled')),
    code TEXT,
    reason TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    -- 1: it came to a photo that was known already since the queue was last empty.
    newcomer INTEGER NOT NULL DEFAULT 0 CHECK (newcomer IN (0, 1)),
    UNIQUE (folder_id, directory, name)
  ) STRICT;
  INSERT INTO file_of_version_2 (id, folder_id, photo_id, directory, name, size, modified_ms, state,
      content_hash, reading, code, reason, attempts)
    SELECT file.id, folder_id, file.photo_id, directory, name, size, modified_ms, file.state,
      content_hash,
      -- What was read is read once more, for the hash of its image data.
      CASE task.state WHEN 'done' THEN 'pending' ELSE coalesce(task.state, 'pending') END,
      code, reason, coalesce(attempts, 0)
    FROM file JOIN photo ON photo.id = file.photo_id
      LEFT JOIN task ON task.photo_id = file.photo_id AND kind = 'read';
  DROP TABLE file;

  -- An identity: what the image data is, wherever it lies. The hashes are NULL until it was read.
  -- Ids are never given twice: undo steps and windows may still name a photo that is gone.
  CREATE TABLE photo_of_version_2 (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    content_hash BLOB UNIQUE CHECK (length(content_hash) = 32),
    visible INTEGER NOT NULL DEFAULT 0 CHECK (visible IN (0, 1)),
    -- Milliseconds; capture time as if local were UTC, else the file's modification time.
    sorted_at INTEGER NOT NULL,
    taken_at TEXT,
    width INTEGER,
    height INTEGER,
    format TEXT,
    camera TEXT,
    lens TEXT,
    exposure_time REAL,
    f_number REAL,
    iso INTEGER,
    focal_length REAL,
    latitude REAL,
    longitude REAL,
    altitude REAL,
    image_hash BLOB CHECK (length(image_hash) = 32),
    -- 1 to 8, as in Exif; applied in width and height.
    orientation INTEGER NOT NULL DEFAULT 1,
    -- Where its last file lay, and how many bytes it had where that is known, for a photo that has
    -- none any more.
    last_path TEXT,
    last_size INTEGER
  ) STRICT;
  INSERT INTO photo_of_version_2 (id, content_hash, visible, sorted_at, taken_at, width, height, format,
      camera, lens, exposure_time, f_number, iso, focal_length, latitude, longitude, altitude)
    SELECT id, content_hash, visible, sorted_at, taken_at, width, height, format,
      camera, lens, exposure_time, f_number, iso, focal_length, latitude, longitude, altitude
    FROM photo;
  DROP TABLE photo;
  ALTER TABLE photo_of_version_2 RENAME TO photo;
  CREATE INDEX photo_by_time ON photo (visible, sorted_at, id);
  CREATE UNIQUE INDEX photo_by_image_hash ON photo (image_hash);
  CREATE INDEX photo_by_last_size ON photo (last_size) WHERE last_size IS NOT NULL;

  ALTER TABLE file_of_version_2 RENAME TO file;
  CREATE INDEX file_by_photo ON file (photo_id, state);
  CREATE INDEX file_unread ON file (reading, id) WHERE reading <> 'done';
  CREATE INDEX file_by_size ON file (size, content_hash);
  CREATE INDEX file_newcomer ON file (photo_id) WHERE newcomer = 1;

  -- photo.visible: at least one of its files is present. Kept here so that no writer can forget.
  CREATE TRIGGER file_added AFTER INSERT ON file WHEN new.state = 'present' BEGIN
    UPDATE photo SET visible = 1 WHERE id = new.photo_id;
  END;
  CREATE TRIGGER file_removed AFTER DELETE ON file BEGIN
    UPDATE photo SET visible =
      EXISTS (SELECT 1 FROM file WHERE photo_id = old.photo_id AND state = 'present')
    WHERE id = old.photo_id;
  END;
  CREATE TRIGGER file_changed AFTER UPDATE OF photo_id, state ON file BEGIN
    UPDATE photo SET visible =
      EXISTS (SELECT 1 FROM file WHERE photo_id = photo.id AND state = 'present')
    WHERE id IN (old.photo_id, new.photo_id);
  END;

  -- Reading is a matter of files now.
  DELETE FROM task WHERE kind = 'read';
  UPDATE task SET state = 'pending', code = NULL, reason = NULL WHERE state = 'quarantined';

  -- A file's pixels were changed in place: its new photo has what was said of the one before, unless
  -- that one turns up elsewhere before the queue is empty, which is when these rows go.
  CREATE TABLE inheritance (
    photo_id INTEGER NOT NULL REFERENCES photo (id) ON DELETE CASCADE,
    from_photo INTEGER NOT NULL,
    PRIMARY KEY (photo_id, from_photo)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX inheritance_by_source ON inheritance (from_photo);

  -- Photos that turned out to be another one: undo steps may still name them.
  CREATE TABLE photo_alias (
    former_id INTEGER PRIMARY KEY,
    photo_id INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX photo_alias_by_photo ON photo_alias (photo_id);
`

const decisions = `
  -- What may be said of a photo: a class of some model by its WordNet id, or a person's own word.
  -- No id is given twice: undo steps may bring a row back.
  CREATE TABLE tag (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    wnid TEXT UNIQUE,
    name TEXT NOT NULL,
    -- The name as it is compared: NFC, small letters, single spaces.
    key TEXT NOT NULL,
    -- A person chose the name: models do not change it.
    renamed INTEGER NOT NULL DEFAULT 0 CHECK (renamed IN (0, 1))
  ) STRICT;
  CREATE UNIQUE INDEX tag_by_own_key ON tag (key) WHERE wnid IS NULL;
  CREATE INDEX tag_by_key ON tag (key);

  ALTER TABLE class ADD COLUMN tag_id INTEGER REFERENCES tag (id);
  CREATE INDEX class_by_tag ON class (tag_id);

  -- What a person said. It refers to its photo without a cascade: nothing that is said goes by accident.
  CREATE TABLE decision (
    photo_id INTEGER NOT NULL REFERENCES photo (id),
    tag_id INTEGER NOT NULL REFERENCES tag (id),
    verdict INTEGER NOT NULL CHECK (verdict IN (0, 1)),
    source TEXT NOT NULL CHECK (source IN ('user', 'imported', 'taught')),
    decided_at INTEGER NOT NULL,
    inherited_from INTEGER,
    PRIMARY KEY (photo_id, tag_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX decision_by_tag ON decision (tag_id, verdict, photo_id);
  CREATE INDEX decision_by_source ON decision (inherited_from, tag_id)
    WHERE inherited_from IS NOT NULL;

  CREATE TABLE album (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    key TEXT NOT NULL UNIQUE,
    made_at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE album_photo (
    album_id INTEGER NOT NULL REFERENCES album (id),
    photo_id INTEGER NOT NULL REFERENCES photo (id),
    added_at INTEGER NOT NULL,
    inherited_from INTEGER,
    PRIMARY KEY (album_id, photo_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX album_photo_by_photo ON album_photo (photo_id);
  CREATE INDEX album_photo_by_source ON album_photo (inherited_from, album_id)
    WHERE inherited_from IS NOT NULL;

  CREATE TABLE rating (
    photo_id INTEGER PRIMARY KEY REFERENCES photo (id),
    stars INTEGER NOT NULL CHECK (stars BETWEEN 1 AND 5),
    rated_at INTEGER NOT NULL,
    inherited_from INTEGER
  ) STRICT;
  CREATE INDEX rating_by_stars ON rating (stars, photo_id);
  CREATE INDEX rating_by_source ON rating (inherited_from) WHERE inherited_from IS NOT NULL;

  -- One step is one change as a person made it. Rows are JSON as they were and as they became.
  CREATE TABLE undo_step (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    made_at INTEGER NOT NULL,
    title TEXT NOT NULL,
    undone INTEGER NOT NULL DEFAULT 0 CHECK (undone IN (0, 1))
  ) STRICT;
  CREATE TABLE undo_row (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    step_id INTEGER NOT NULL REFERENCES undo_step (id) ON DELETE CASCADE,
    changed TEXT NOT NULL,
    before TEXT,
    after TEXT
  ) STRICT;
  CREATE INDEX undo_row_by_step ON undo_row (step_id, id);
  -- The step that is being made; empty between steps.
  CREATE TABLE undo_recording (step_id INTEGER PRIMARY KEY) STRICT;
`

/** Each class that models know means a tag. */
function giveTags(db: Database): void {
  const classes = db.prepare('SELECT id, wnid, name FROM class').all() as {
    id: number
    wnid: string | null
    name: string
  }[]
  const find = db.prepare(
    'SELECT id FROM tag WHERE wnid IS @wnid AND (wnid IS NOT NULL OR key = @key)',
  )
  const make = db.prepare('INSERT INTO tag (wnid, name, key) VALUES (@wnid, @name, @key)')
  const link = db.prepare('UPDATE class SET tag_id = ? WHERE id = ?')
  for (const { id, wnid, name } of classes) {
    const key = name.normalize('NFC').toLowerCase().trim().replace(/\s+/g, ' ')
    const known = find.pluck().get({ wnid, key })
    link.run(known ?? make.run({ wnid, name, key }).lastInsertRowid, id)
  }
}

/** Tables whose changes are recorded, each with all of its columns. */
const undoable: readonly (readonly [table: string, columns: readonly string[]])[] = [
  ['tag', ['id', 'wnid', 'name', 'key', 'renamed']],
  ['class', ['id', 'tag_id']],
  ['decision', ['photo_id', 'tag_id', 'verdict', 'source', 'decided_at', 'inherited_from']],
  ['album', ['id', 'name', 'key', 'made_at']],
  ['album_photo', ['album_id', 'photo_id', 'added_at', 'inherited_from']],
  ['rating', ['photo_id', 'stars', 'rated_at', 'inherited_from']],
]

/** Triggers that write down every change of a table while a step is being made. */
function recording(table: string, columns: readonly string[]): string {
  const json = (row: 'old' | 'new') =>
    `json_object(${columns.map((column) => `'${column}', ${row}.${column}`).join(', ')})`
  const trigger = (event: 'INSERT' | 'UPDATE' | 'DELETE', before: string, after: string) => `
    CREATE TRIGGER ${table}_${event.toLowerCase()}_recorded AFTER ${event} ON ${table}
    WHEN EXISTS (SELECT 1 FROM undo_recording) BEGIN
      INSERT INTO undo_row (step_id, changed, before, after)
        SELECT step_id, '${table}', ${before}, ${after} FROM undo_recording;
    END;`
  const changes = trigger('UPDATE', json('old'), json('new'))
  // Classes come and go with models; only which tag they mean is a person's to change.
  if (table === 'class') return changes
  return trigger('INSERT', 'NULL', json('new')) + changes + trigger('DELETE', json('old'), 'NULL')
}
