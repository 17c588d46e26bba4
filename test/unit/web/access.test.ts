import { describe, expect, test } from 'vitest'
import { createAccess } from '../../../main/web/access.ts'

const port = 8123
const host = `127.0.0.1:${port}`
const origin = `http://${host}`

function entered() {
  const access = createAccess(port)
  const verdict = access.judge('GET', `/?token=${access.token}`, { host })
  if (verdict.kind !== 'welcome') throw new Error('The token did not let us in.')
  return { access, verdict, cookie: verdict.cookie.split(';')[0] ?? '' }
}

describe('createAccess', () => {
  test('exchanges the token for a cookie that scripts and other sites do not get', () => {
    const { access, verdict, cookie } = entered()
    expect(verdict.cookie).toMatch(/; HttpOnly; SameSite=Strict; Path=\/$/)
    expect(cookie).not.toContain(access.token)
    expect(access.judge('GET', '/', { host, cookie })).toEqual({ kind: 'allowed' })
  })

  test('finds its cookie among others, and lets no other cookie in', () => {
    const { access, cookie } = entered()
    const judged = (value: string) => access.judge('GET', '/', { host, cookie: value }).kind
    expect(judged(`theme=dark; ${cookie}; x=y`)).toBe('allowed')
    expect(judged(`${cookie}x`)).toBe('refused')
    expect(judged(`albumen-${port}=`)).toBe('refused')
    expect(judged(`other-${cookie}`)).toBe('refused')
  })

  test('a token or cookie of another start is worth nothing', () => {
    const other = entered()
    const access = createAccess(port)
    expect(access.judge('GET', `/?token=${other.access.token}`, { host })).toMatchObject({
      kind: 'refused',
      status: 401,
    })
    expect(access.judge('GET', '/', { host, cookie: other.cookie }).kind).toBe('refused')
  })

  test.each([
    'evil.example',
    `evil.example:${port}`,
    '127.0.0.1',
    '127.0.0.1:1',
    `127.0.0.1:${port}.evil.example`,
    undefined,
  ])('refuses the Host %s even with the cookie and the token', (strange) => {
    const { access, cookie } = entered()
    const headers = { cookie, ...(strange === undefined ? {} : { host: strange }) }
    const refusal = { kind: 'refused', status: 421 }
    expect(access.judge('GET', `/?token=${access.token}`, headers)).toMatchObject(refusal)
    expect(access.judgeUpgrade({ ...headers, origin })).toMatchObject(refusal)
  })

  test.each(['null', 'http://evil.example', `https://${host}`, 'http://127.0.0.1:1', undefined])(
    'neither a socket nor a POST from the Origin %s',
    (strange) => {
      const { access, cookie } = entered()
      const headers = { host, cookie, ...(strange === undefined ? {} : { origin: strange }) }
      const refusal = { kind: 'refused', status: 403 }
      expect(access.judgeUpgrade(headers)).toMatchObject(refusal)
      expect(access.judge('POST', '/', headers)).toMatchObject(refusal)
    },
  )

  test('a socket from our own page needs the cookie too', () => {
    const { access, cookie } = entered()
    expect(access.judgeUpgrade({ host, origin })).toMatchObject({ kind: 'refused', status: 401 })
    expect(access.judgeUpgrade({ host, origin, cookie })).toEqual({ kind: 'allowed' })
  })

  test('a page on another port may not embed pictures, though browsers call it the same site', () => {
    const { access, cookie } = entered()
    const embedding = { host, cookie, 'sec-fetch-mode': 'no-cors' }
    const judged = (site: string, mode = 'no-cors') =>
      access.judge('GET', '/media/picture/1', {
        ...embedding,
        'sec-fetch-site': site,
        'sec-fetch-mode': mode,
      }).kind
    expect(judged('same-site')).toBe('refused')
    expect(judged('cross-site')).toBe('refused')
    expect(judged('same-origin')).toBe('allowed')
    expect(judged('none', 'navigate')).toBe('allowed')
  })
})
