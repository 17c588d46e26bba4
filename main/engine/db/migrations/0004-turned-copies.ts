import type { Database } from 'better-sqlite3'

/**
 * How each file is turned is known, so that a photo is shown as the files that are left show it when
 * the one that described it goes.
 */
export function turnedCopies(db: Database): void {
  db.exec(`
    -- 1 to 8, as in Exif, of the bytes that were read; NULL until they were since this is kept.
    ALTER TABLE file ADD COLUMN orientation INTEGER;
    UPDATE file SET orientation = (SELECT orientation FROM photo
      WHERE photo.id = photo_id AND photo.content_hash = file.content_hash);

    -- Features are kept from now on: whoever opens the library next looks what is missing.
    DELETE FROM setting WHERE key = 'cache';

    CREATE TRIGGER file_describes_no_more AFTER UPDATE OF photo_id, state, content_hash ON file
    WHEN old.state = 'present' AND old.content_hash IS NOT NULL AND (new.state <> 'present'
      OR new.photo_id <> old.photo_id OR new.content_hash IS NOT old.content_hash)
    BEGIN ${READ_A_COPY} END;
    CREATE TRIGGER file_describes_nothing AFTER DELETE ON file
    WHEN old.state = 'present' AND old.content_hash IS NOT NULL
    BEGIN ${READ_A_COPY} END;
    -- One that knows how it is turned is back: it describes the photo again.
    CREATE TRIGGER file_describes_again AFTER UPDATE OF state ON file
    WHEN old.state <> 'present' AND new.state = 'present' AND new.reading = 'done'
      AND new.orientation > 1
    BEGIN
      UPDATE file SET reading = 'pending' WHERE id = new.id AND EXISTS (SELECT 1 FROM photo
        WHERE id = new.photo_id AND orientation = 1 AND content_hash IS NOT new.content_hash);
    END;
  `)
}

/** After the last file that describes a photo went: another one is read, unless one is turned alike. */
const READ_A_COPY = `
  UPDATE file SET reading = 'pending' WHERE id = (
    SELECT other.id FROM photo JOIN file AS other ON other.photo_id = photo.id
    WHERE photo.id = old.photo_id AND photo.content_hash = old.content_hash
      AND other.state = 'present' AND other.reading = 'done'
      AND NOT EXISTS (SELECT 1 FROM file AS alike WHERE alike.photo_id = photo.id
        AND alike.state = 'present' AND (alike.content_hash = photo.content_hash
          OR alike.reading = 'done' AND alike.orientation = photo.orientation))
    ORDER BY other.id LIMIT 1);`
