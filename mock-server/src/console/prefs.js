// What a reader chose, kept in this browser if it lets us.

export function read(name) {
  try {
    return localStorage.getItem(`upyun-mock.${name}`)
  } catch {
    return null
  }
}

export function write(name, value) {
  try {
    localStorage.setItem(`upyun-mock.${name}`, value)
  } catch {
    // A browser that keeps nothing still shows it until the page is left.
  }
}

export const THEMES = ['auto', 'light', 'dark']

export function theme() {
  const chosen = read('theme')
  return THEMES.includes(chosen) ? chosen : 'auto'
}

export function setTheme(chosen) {
  write('theme', chosen)
  showTheme(chosen)
}

/** The style sheet looks at `data-theme`; without it the system's preference counts. */
export function showTheme(chosen = theme()) {
  if (chosen === 'auto') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = chosen
}
