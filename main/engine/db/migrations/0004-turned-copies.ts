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

    CREATE TRIGGER file_shows_otherwise AFTER UPDATE OF photo_id, state, content_hash, reading ON file
    WHEN old.content_hash IS NOT NULL AND (new.state <> old.state OR new.photo_id <> old.photo_id
      OR new.content_hash IS NOT old.content_hash
      OR new.reading = 'quarantined' AND old.reading <> 'quarantined')
    BEGIN
      ${readACopy('old.photo_id')}
      ${readACopy('new.photo_id')}
    END;
    CREATE TRIGGER file_shows_nothing AFTER DELETE ON file
    WHEN old.state = 'present' AND old.content_hash IS NOT NULL
    BEGIN ${readACopy('old.photo_id')} END;
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

/**
 * When no file is left that shows a photo as its thumbnail does, one of the others is read, unless one
 * is going to be.
 */
function readACopy(photo: string): string {
  return `UPDATE file SET reading = 'pending' WHERE id = (
    SELECT other.id FROM photo JOIN file AS other ON other.photo_id = photo.id
      JOIN folder ON folder.id = other.folder_id
    WHERE photo.id = ${photo} AND photo.content_hash IS NOT NULL
      AND other.state = 'present' AND other.reading = 'done'
      AND NOT EXISTS (SELECT 1 FROM file AS alike JOIN folder AS root ON root.id = alike.folder_id
        WHERE alike.photo_id = photo.id AND alike.state = 'present'
          AND alike.reading <> 'quarantined'
          AND (alike.content_hash = photo.content_hash OR alike.orientation = photo.orientation
            OR alike.reading = 'pending' AND root.state = 'online'))
    ORDER BY folder.state = 'offline', other.id LIMIT 1);`
}
