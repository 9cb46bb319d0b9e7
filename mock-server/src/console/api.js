// The control plane. Every answer that is an error is thrown with the server's own sentence.

import { t } from './words.js'

export class ApiError extends Error {
  constructor(status, message) {
    super(message)
    this.status = status
  }
}

let askForToken = () => {}

/** What to do when the server wants its control token. */
export function onUnauthorised(ask) {
  askForToken = ask
}

async function call(method, path, { json, body, headers } = {}) {
  const init = { method, headers: { accept: 'application/json', ...headers }, credentials: 'same-origin', cache: 'no-store' }
  if (json !== undefined) {
    init.headers['content-type'] = 'application/json'
    init.body = JSON.stringify(json)
  } else if (body !== undefined) {
    init.body = body
  }
  let response
  try {
    response = await fetch(`/_mock/${path}`, init)
  } catch {
    throw new ApiError(0, t('the server does not answer'))
  }
  if (response.ok) return response
  if (response.status === 401) askForToken()
  throw new ApiError(response.status, await sentence(response))
}

async function sentence(response) {
  const text = await response.text().catch(() => '')
  try {
    return JSON.parse(text).error ?? text
  } catch {
    return text || `${response.status} ${response.statusText}`
  }
}

async function parsed(response) {
  const text = await response.text()
  return text === '' ? null : JSON.parse(text)
}

export const get = async path => parsed(await call('GET', path))
export const post = async (path, json) => parsed(await call('POST', path, { json }))
export const put = async (path, json) => parsed(await call('PUT', path, { json }))
export const remove = async path => parsed(await call('DELETE', path))

/** Stores an object, without a signature. */
export const putObject = async (service, key, body, type) =>
  parsed(await call('PUT', objectPath(service, key), { body, headers: type ? { 'content-type': type } : {} }))

/** At most so many of the first bytes of an object. */
export async function firstBytes(service, key, limit) {
  const response = await call('GET', objectPath(service, key))
  const reader = response.body.getReader()
  const chunks = []
  let length = 0
  while (length < limit) {
    const { done, value } = await reader.read()
    if (done) break
    chunks.push(value)
    length += value.length
  }
  await reader.cancel()
  const whole = new Uint8Array(await new Blob(chunks).arrayBuffer())
  return whole.subarray(0, limit)
}

/** The path of an object below `/_mock/`; a key begins without a slash. */
export function objectPath(service, key) {
  return `objects/${encodeURIComponent(service)}/${key.split('/').map(encodeURIComponent).join('/')}`
}
