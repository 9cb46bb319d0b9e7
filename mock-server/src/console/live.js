// The journal as it grows: the newest entries are fetched, the rest arrives as server-sent events.

import { get, remove } from './api.js'

/** More entries than this are forgotten here, oldest first, like in the server. */
const CAPACITY = 100_000
const FIRST_PAGE = 500

export const live = {
  /** Oldest first. */
  entries: [],
  state: 'connecting',
  paused: false,
  /** What arrived while it was paused. */
  held: [],
}

const listeners = new Set()
let source = null
let pending = []
let flushing = false
let generation = 0
let isLoaded = false

/** Calls back with how many entries were appended (`null`: everything may have changed). */
export function subscribe(listener) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function tell(appended) {
  for (const listener of listeners) listener(appended)
}

export async function start() {
  const mine = ++generation
  source?.close()
  pending = []
  try {
    const newest = (await get(`requests?limit=${FIRST_PAGE}`)).requests
    if (mine !== generation) return
    live.entries = newest
    live.held = []
    isLoaded = true
    tell(null)
    follow()
    if (newest.length === FIRST_PAGE) await prepend(mine)
  } catch {
    if (mine !== generation) return
    state('lost')
    setTimeout(() => { if (mine === generation) start() }, 2000)
  }
}

/** The older entries, in a second request, so that the first paint does not wait for 100,000 of them. */
async function prepend(mine) {
  const all = (await get(`requests?limit=${CAPACITY}`)).requests
  if (mine !== generation || !live.entries.length) return
  const first = live.entries[0].number
  live.entries = all.filter(entry => entry.number < first).concat(live.entries)
  tell(null)
}

function follow(wasLost = false) {
  source?.close()
  source = null
  if (document.hidden) return
  const last = lastNumber()
  source = new EventSource(`/_mock/requests/events?after=${last}`)
  source.onopen = () => {
    state('live')
    if (wasLost) notice(last)
    wasLost = false
  }
  source.onerror = () => {
    wasLost = true
    state('lost')
    // A browser does not try again after an answer that is no stream, like a 401.
    if (source.readyState === EventSource.CLOSED) start()
  }
  source.addEventListener('request', event => add(JSON.parse(event.data)))
  source.addEventListener('missed', () => catchUp().catch(() => {}))
}

// A browser opens six connections to a host, for all its pages together: hidden ones leave theirs.
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) {
    if (!source && isLoaded) follow(true)
    return
  }
  source?.close()
  source = null
})

function lastNumber() {
  return (live.held.at(-1) ?? live.entries.at(-1))?.number ?? 0
}

/** After a pause of the connection: a server that was started anew counts from 1 again. */
async function notice() {
  const newest = (await get('requests?limit=1').catch(() => null))?.requests?.[0]
  if ((newest?.number ?? 0) < lastNumber()) start()
}

async function catchUp() {
  const missed = (await get(`requests?after=${lastNumber()}&limit=${CAPACITY}`)).requests
  missed.forEach(add)
}

function add(entry) {
  pending.push(entry)
  if (flushing) return
  flushing = true
  setTimeout(flush, document.hidden ? 1000 : 50)
}

function flush() {
  flushing = false
  const last = lastNumber()
  const news = pending.filter(entry => entry.number > last).sort((a, b) => a.number - b.number)
  pending = []
  if (!news.length) return
  if (live.paused) {
    live.held = live.held.concat(news).slice(-CAPACITY)
    tell(0)
    return
  }
  append(news)
}

function append(news) {
  for (const entry of news) live.entries.push(entry)
  if (live.entries.length > CAPACITY) {
    live.entries = live.entries.slice(-CAPACITY)
    tell(null)
  } else {
    tell(news.length)
  }
}

export function pause(paused) {
  live.paused = paused
  const held = live.held
  live.held = []
  if (!paused && held.length) append(held)
  else tell(0)
}

export async function clear() {
  await remove('requests')
  live.entries = []
  live.held = []
  tell(null)
}

function state(now) {
  if (live.state === now) return
  live.state = now
  tell(0)
}
