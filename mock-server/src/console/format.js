// Numbers and times in words.

import { language } from './words.js'

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

/** 1536 → `1.5 KiB`. */
export function bytes(count) {
  if (count === null || count === undefined) return '–'
  let unit = 0
  let value = count
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024
    unit += 1
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1
  return `${value.toFixed(digits)} ${UNITS[unit]}`
}

export function number(count) {
  return new Intl.NumberFormat(language()).format(count ?? 0)
}

/** 1234 → `1.2K`, for a place of four letters. */
export function compact(count) {
  return new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: count < 10_000 ? 1 : 0 }).format(count ?? 0)
}

/** Microseconds → `840 µs`, `1.2 ms`, `3.4 s`. */
export function microseconds(us) {
  if (us < 1000) return `${us} µs`
  if (us < 10_000) return `${(us / 1000).toFixed(1)} ms`
  if (us < 1_000_000) return `${Math.round(us / 1000)} ms`
  return `${(us / 1_000_000).toFixed(us < 10_000_000 ? 1 : 0)} s`
}

const two = number => String(number).padStart(2, '0')

/** The time of day, to the millisecond, where the reader is. */
export function timeOfDay(ms) {
  const date = new Date(ms)
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`
}

/** `2026-11-26 06:43:48`, where the reader is. */
export function dateTime(ms) {
  if (ms === null || ms === undefined) return '–'
  const date = new Date(ms)
  if (Number.isNaN(date.getTime())) return String(ms)
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ` +
    `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

/** Seconds → `1 d 2 h`, `3 min 5 s`: the two largest units. */
export function seconds(total) {
  const sign = total < 0 ? '−' : ''
  let rest = Math.abs(total)
  const parts = []
  for (const [size, unit] of [[86400, 'd'], [3600, 'h'], [60, 'min']]) {
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count) parts.push(`${count} ${unit}`)
  }
  const last = parts.length ? Math.round(rest) : Math.round(rest * 1000) / 1000
  if (last || !parts.length) parts.push(`${last} s`)
  return sign + parts.slice(0, 2).join(' ')
}

/** The kind of a status, for colours: `s2` … `s5`, `s0` for none. */
export function statusClass(status) {
  return `s${Math.floor((status || 0) / 100)}`
}
