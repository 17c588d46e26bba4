import { Gauge, History, type LucideIcon, ScanEye, Tags, X } from 'lucide-react'
import { type ComponentType, useId, useState } from 'react'
import { Modal } from '../dialogs/Dialog.tsx'
import { AccelerationSection } from './AccelerationSection.tsx'
import { BackupsSection } from './BackupsSection.tsx'
import { ModelSection } from './ModelSection.tsx'
import { TagsSection } from './TagsSection.tsx'
import type { Transfers } from './transfers.ts'

export interface SectionProps {
  transfers: Transfers
  onManageTags: () => void
}

interface Section {
  name: string
  icon: LucideIcon
  content: ComponentType<SectionProps>
}

/** In the order of the list at the left. Another section is another line here. */
const sections = [
  { name: 'Model', icon: ScanEye, content: ModelSection },
  { name: 'Acceleration', icon: Gauge, content: AccelerationSection },
  { name: 'Tags', icon: Tags, content: TagsSection },
  { name: 'Backups', icon: History, content: BackupsSection },
] as const satisfies [Section, ...Section[]]

export function SettingsDialog(props: SectionProps & { onClose: () => void }) {
  const [shown, setShown] = useState<Section>(sections[0])
  const titleId = useId()
  const sectionId = useId()
  const Content = shown.content
  return (
    <Modal className="dialog settings" name={{ labelledBy: titleId }} onClose={props.onClose}>
      <div className="settings-body">
        <nav className="settings-sections" aria-labelledby={titleId}>
          <h2 id={titleId}>Settings</h2>
          <ul>
            {sections.map((section) => (
              <li key={section.name}>
                <button
                  type="button"
                  className="picker-item"
                  aria-current={section === shown ? 'page' : undefined}
                  data-initial-focus={section === shown || undefined}
                  onClick={() => setShown(section)}
                >
                  <section.icon size={16} aria-hidden />
                  {section.name}
                </button>
              </li>
            ))}
          </ul>
        </nav>
        <section className="settings-content" aria-labelledby={sectionId}>
          <header className="settings-header">
            <h3 id={sectionId}>{shown.name}</h3>
            <button
              type="button"
              className="icon-button"
              aria-label="Close"
              onClick={props.onClose}
            >
              <X size={18} aria-hidden />
            </button>
          </header>
          <div className="settings-page">
            <Content transfers={props.transfers} onManageTags={props.onManageTags} />
          </div>
        </section>
      </div>
    </Modal>
  )
}
