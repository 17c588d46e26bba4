import type { Database } from 'better-sqlite3'

export function foldersFilesPhotosPredictions(db: Database): void {
  db.exec(`
    CREATE TABLE folder (
      id INTEGER PRIMARY KEY,
      path TEXT NOT NULL UNIQUE,
      state TEXT NOT NULL DEFAULT 'online' CHECK (state IN ('online', 'offline')),
      added_at INTEGER NOT NULL
    ) STRICT;

    -- An identity: what the bytes are, wherever they lie. content_hash is NULL until it was read.
    CREATE TABLE photo (
      id INTEGER PRIMARY KEY,
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
      altitude REAL
    ) STRICT;
    CREATE INDEX photo_by_time ON photo (visible, sorted_at, id);

    CREATE TABLE file (
      id INTEGER PRIMARY KEY,
      folder_id INTEGER NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
      photo_id INTEGER NOT NULL REFERENCES photo (id),
      -- Relative to the folder, with '/' between names; '' for the folder itself.
      directory TEXT NOT NULL,
      name TEXT NOT NULL,
      size INTEGER NOT NULL,
      modified_ms REAL NOT NULL,
      state TEXT NOT NULL DEFAULT 'present' CHECK (state IN ('present', 'missing')),
      UNIQUE (folder_id, directory, name)
    ) STRICT;
    CREATE INDEX file_by_photo ON file (photo_id, state);

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

    -- sha256 of the ONNX file tells models apart; name is for people.
    CREATE TABLE model (
      id INTEGER PRIMARY KEY,
      sha256 TEXT NOT NULL UNIQUE,
      name TEXT NOT NULL
    ) STRICT;

    -- wnid is NULL for a class that WordNet does not know.
    CREATE TABLE class (
      id INTEGER PRIMARY KEY,
      wnid TEXT,
      name TEXT NOT NULL,
      UNIQUE (wnid, name)
    ) STRICT;

    -- Which class each output of a model means, and from which score on it counts as a tag
    -- (threshold NULL: never).
    CREATE TABLE model_class (
      model_id INTEGER NOT NULL REFERENCES model (id) ON DELETE CASCADE,
      output_index INTEGER NOT NULL,
      class_id INTEGER NOT NULL REFERENCES class (id),
      threshold REAL,
      PRIMARY KEY (model_id, output_index)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX model_class_by_class ON model_class (class_id, model_id, threshold);

    -- The ledger of what a model said. Disposable: can be made again from the photos.
    CREATE TABLE prediction (
      photo_id INTEGER NOT NULL REFERENCES photo (id) ON DELETE CASCADE,
      model_id INTEGER NOT NULL REFERENCES model (id) ON DELETE CASCADE,
      class_id INTEGER NOT NULL REFERENCES class (id),
      score REAL NOT NULL,
      PRIMARY KEY (photo_id, model_id, class_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX prediction_by_class ON prediction (class_id, model_id, score, photo_id);

    -- read: identity, metadata, thumbnail. classify: predictions of the model named by version.
    -- What is running is known to the running engine alone, so a crash leaves nothing to reset.
    CREATE TABLE task (
      photo_id INTEGER NOT NULL REFERENCES photo (id) ON DELETE CASCADE,
      kind TEXT NOT NULL CHECK (kind IN ('read', 'classify')),
      version TEXT NOT NULL,
      state TEXT NOT NULL DEFAULT 'pending'
        CHECK (state IN ('pending', 'done', 'quarantined', 'cancelled')),
      attempts INTEGER NOT NULL DEFAULT 0,
      code TEXT,
      reason TEXT,
      PRIMARY KEY (photo_id, kind)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX task_unfinished ON task (state, photo_id) WHERE state <> 'done';

    CREATE TABLE setting (
      key TEXT PRIMARY KEY,
      value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
  `)
}
