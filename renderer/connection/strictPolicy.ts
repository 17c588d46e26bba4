/** Imported before the contract: zod compiles with `new Function`, which the page's policy forbids. */
import { config } from 'zod'

config({ jitless: true })
