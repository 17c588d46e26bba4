// node scripts/install.mjs: installs the packages, as npm start and npm test do by themselves.
import { install } from './lib.mjs'

install()
