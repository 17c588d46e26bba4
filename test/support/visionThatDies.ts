/** @file Runs in the vision process of tests: the real one, but some names of files end or stop it. */
import { processChannel } from '../../main/rpc/channels.ts'
import { dispatchTo, serve } from '../../main/rpc/server.ts'
import { visionCommands } from '../../main/rpc/visionCommands.ts'
import { createVision } from '../../main/vision/vision.ts'

const die = () => process.kill(process.pid, 'SIGKILL')
if (process.env.ALBUMEN_TEST_VISION_NEVER_STARTS) die()

const vision = createVision()
const look: typeof vision.look = (input) => {
  if (input.path.includes('kills-vision')) die()
  while (input.path.includes('hangs-vision'));
  return vision.look(input)
}
const loadModel: typeof vision.loadModel = (input) => {
  if (input.model?.file.includes('kills-vision')) die()
  return vision.loadModel(input)
}
const channel = processChannel(process)
serve(channel, dispatchTo(visionCommands, { ...vision, look, loadModel }))
channel.onClose(() => process.exit(0))
