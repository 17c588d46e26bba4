import { Fragment } from 'react'
import { Dialog } from './Dialog.tsx'

const shortcuts: [string, [keys: string[], what: string][]][] = [
  [
    'Anywhere',
    [
      [['/'], 'Search'],
      [['b'], 'Show or hide the side panel'],
      [[','], 'Settings'],
      [['m'], 'Manage tags'],
      [['Ctrl', 'z'], 'Undo what was decided'],
      [['Shift', 'Ctrl', 'z'], 'Make it again'],
      [['?'], 'This list'],
    ],
  ],
  [
    'Photos',
    [
      [['←', '→', '↑', '↓'], 'Move'],
      [['Page Up', 'Page Down'], 'Move by a screen'],
      [['Home', 'End'], 'First and last photo'],
      [['Enter'], 'Open'],
      [['x'], 'Select, or no longer; also Space'],
      [['Shift', '←', '→', '↑', '↓'], 'Select up to there'],
      [['Ctrl', 'a'], 'Select all that is found'],
      [['Esc'], 'Select nothing'],
    ],
  ],
  [
    'Deciding, of the selection or one photo',
    [
      [['t'], 'Add a tag'],
      [['Shift', 't'], 'Add the last tag again'],
      [['r'], 'Reject a tag of the selection'],
      [['0', '–', '5'], 'Stars; 0 takes them back'],
      [['a'], 'Add to an album'],
    ],
  ],
  [
    'One photo',
    [
      [['←', '→'], 'Previous and next'],
      [['y', 'n'], 'The marked tag is right, is wrong'],
      [['↑', '↓'], 'Mark another tag'],
      [['+', '−'], 'Zoom'],
      [['f'], 'Fit to the window'],
      [['i'], 'Show or hide information'],
      [['w'], 'Show where the model sees the best tag'],
      [['Esc'], 'Back to the photos'],
    ],
  ],
  [
    'Classes',
    [
      [['Enter'], 'Search the class'],
      [['Ctrl', 'Enter'], 'Narrow the search to it'],
      [['−'], 'Leave it out of the search'],
      [['←', '→'], 'Close and open'],
    ],
  ],
]

const language: [example: string, what: string][] = [
  ['dog', 'photos of any dog: a class, a category, a synonym or a file name'],
  ['"Labrador retriever"', 'words that belong together'],
  ['dog beach', 'both'],
  ['cat | dog', 'either'],
  ['dog -poodle', 'one without the other'],
  ['(cat | dog) -sofa', 'parentheses group'],
  ['name:IMG_12*', 'file names that begin so'],
  ['tag:"my cat"', 'photos that have the tag, whatever the file is called'],
  ['in:"Italy 2023"', 'photos in an album'],
  ['rating>=4', 'photos with four stars or more; rating:0 has none'],
]

export function HelpDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog
      title="Keyboard and search"
      onClose={onClose}
      wide
      actions={
        <button type="button" className="button primary" data-initial-focus onClick={onClose}>
          Done
        </button>
      }
    >
      <div className="help-columns">
        <section>
          {shortcuts.map(([group, rows]) => (
            <Fragment key={group}>
              <h3>{group}</h3>
              <dl className="help-list">
                {rows.map(([keys, what]) => (
                  <div key={what}>
                    <dt>
                      {keys.map((key) => (
                        <kbd key={key}>{key}</kbd>
                      ))}
                    </dt>
                    <dd>{what}</dd>
                  </div>
                ))}
              </dl>
            </Fragment>
          ))}
        </section>
        <section>
          <h3>Searching</h3>
          <dl className="help-list language">
            {language.map(([example, what]) => (
              <div key={example}>
                <dt>
                  <code>{example}</code>
                </dt>
                <dd>{what}</dd>
              </div>
            ))}
          </dl>
        </section>
      </div>
    </Dialog>
  )
}
