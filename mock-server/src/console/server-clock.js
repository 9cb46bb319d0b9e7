// The server's clock, which a test may freeze and move, ticking here without asking each second.

import { get } from './api.js'
import { dateTime } from './format.js'

export const serverClock = { unix_ms: Date.now(), frozen: false, offset_ms: 0, readAt: performance.now() }

/** Takes over what a call about the clock answered. */
export function learnClock(clock) {
  Object.assign(serverClock, { unix_ms: clock.unix_ms, frozen: clock.frozen, offset_ms: clock.offset_ms, readAt: performance.now() })
}

export async function readClock() {
  try {
    learnClock(await get('clock'))
  } catch {
    // The connection's state is shown elsewhere.
  }
}

export function now() {
  return serverClock.frozen ? serverClock.unix_ms : serverClock.unix_ms + (performance.now() - serverClock.readAt)
}

export function clockText() {
  return dateTime(now())
}
