// The protocol's order of checks, and at which of them a request ended.

import { seconds } from './format.js'
import { header, signedDate } from './signed.js'
import { t } from './words.js'

const WINDOW_SECONDS = 1800

/** The codes with which each check refuses. */
const CODES = {
  authorization: [40100004, 40100003],
  date: [40100001, 40100016, 40100002],
  token: [40100024, 40100022, 40100023],
  operator: [40100006, 40100007],
  signature: [40100005, 40100009],
  service: [40100012, 40100013, 40100014],
  rights: [40100017, 40100008, 40100015, 40300011],
}

/** `[{ name, title, state: passed|failed|unreached|unneeded, text }]`. */
export function checks(entry, credential) {
  const { form } = credential
  const order = ['authorization', ...(form === 'token' ? ['token'] : ['date']), 'operator', 'signature', 'service', 'rights']
  let failed = order.find(name => CODES[name].includes(entry.code))
  // An authorization that cannot be read is a signature error too, but has no string-to-sign.
  if (failed === 'signature' && entry.code === 40100005 && !entry.explanation?.sent) failed = 'authorization'
  let reached = true
  return order.map(name => {
    let state = reached ? 'passed' : 'unreached'
    if (name === failed) {
      state = 'failed'
      reached = false
    } else if (name === 'date' && (form === 'basic' || form === 'form')) {
      state = 'unneeded'
    }
    return { name, title: t(TITLES[name]), state, text: state === 'unreached' ? '' : texts(entry, credential, name) }
  })
}

const TITLES = {
  authorization: 'Authorization is there and can be read',
  date: 'The date is within 30 minutes',
  token: 'The token covers this path and has not expired',
  operator: 'The operator exists and is not blocked',
  signature: 'The signature fits',
  service: 'The service exists and is active',
  rights: 'The operator may do this',
}

const FORMS = {
  header: 'header signature, HMAC-SHA1',
  legacy: 'legacy MD5 signature',
  token: 'token, HMAC-SHA1',
  basic: 'Basic, plain password',
  form: 'form signature, in the body',
  purge: 'purge signature, MD5',
  none: 'none was sent',
}

function texts(entry, credential, name) {
  switch (name) {
    case 'authorization':
      return t(FORMS[credential.form])
    case 'date': {
      if (credential.form === 'basic') return t('Basic needs none')
      if (credential.form === 'form') return t('the policy has an expiration instead')
      const { name: headerName, value } = signedDate(entry)
      return value ? `${headerName}: ${value}` : t('neither Date nor X-Date')
    }
    case 'token':
      return ['x-upyun-uri-prefix', 'x-upyun-uri-postfix', 'x-upyun-expire']
        .map(name => [name, header(entry, name)]).filter(([, value]) => value).map(pair => pair.join(': ')).join(', ')
    case 'operator':
      return entry.operator ?? credential.operator ?? ''
    case 'service':
      return entry.service ?? ''
    default:
      return ''
  }
}

/** How far the client's clock is off: `{ off, text }` in seconds, positive when it is ahead. */
export function clockOffset(entry) {
  const { value } = signedDate(entry)
  const then = Date.parse(value ?? '')
  if (Number.isNaN(then)) return null
  const off = Math.round((then - entry.time_ms) / 1000)
  const words = off === 0 ? t('exact') : off > 0 ? t('{s} ahead', { s: seconds(off) }) : t('{s} behind', { s: seconds(-off) })
  return { off, text: words, fits: Math.abs(off) <= WINDOW_SECONDS }
}
