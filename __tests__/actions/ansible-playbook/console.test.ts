import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { readConsole } from '../../../actions/ansible-playbook/src/console.ts'
import { BEGIN, bootOutput, END, HOST_KEYS, OTHER_HOST_KEY } from './consoles.ts'

const [ecdsa, ed25519, rsa] = HOST_KEYS as [string, string, string]
const known = (...keys: string[]) => ({ state: 'known', keys })
const block = (...keys: string[]) => [BEGIN, ...keys.map(key => `${key} root@ip-10-20-0-10`), END].join('\n')

describe('reads the keys that cloud-init prints', () => {
  it.each<[string, string, readonly string[]]>([
    ['as a machine boots', bootOutput(HOST_KEYS), HOST_KEYS],
    ['with the line ends of a serial line', bootOutput(HOST_KEYS).replaceAll('\n', '\r\r\n'), HOST_KEYS],
    ['with colours', block(ed25519).replaceAll(/^/gm, '\u001B[0m').replaceAll(/$/gm, '\u001B[K'), [ed25519]],
    ['by way of the kernel', block(ed25519).replaceAll(/^/gm, '[   12.345678] cloud-init[1234]: '), [ed25519]],
    ['by way of syslog', block(ed25519).replaceAll(/^/gm, '<14>Nov 21 09:00:01 ip-10-20-0-10 cloud-init: '), [ed25519]],
    ['by an old Amazon Linux', block(rsa).replaceAll(/^/gm, 'ec2: '), [rsa]],
    [
      'between lines of the kernel',
      block(ed25519, rsa).replace('\nssh-rsa', '\n[   9.1] eth0: up\nssh-rsa'),
      [ed25519, rsa],
    ],
    [
      'twice, by two writers at once',
      [BEGIN, `ec2: ${BEGIN}`, ed25519, `ec2: ${ed25519}`, END, `ec2: ${END}`].join('\n'),
      [ed25519],
    ],
    ['again at the next boot', `${block(ed25519)}\nreboot\n${block(ed25519)}`, [ed25519]],
    ['after a block whose beginning is gone', `${ed25519}\n${END}\n${block(ed25519)}`, [ed25519]],
    ['without a comment', [BEGIN, ed25519, END].join('\n'), [ed25519]],
    ['beside a key that OpenSSH takes no more', block('ssh-dss AAAAB3NzaC1kc3MAAAA=', ed25519), [ed25519]],
  ])('%s', (_, output, keys) => {
    expect(readConsole(output)).toEqual(known(...keys))
  })
})

describe('what is no whole block of keys is not taken for one', () => {
  it.each<[string, string, string, string]>([
    ['nothing', '', 'waiting', 'holds no keys'],
    ['a boot that goes on', 'Linux version 6.8\n[    0.1] Command line: x', 'waiting', 'holds no keys'],
    ['a block that has no end yet', `${BEGIN}\n${ed25519}`, 'waiting', 'ends inside of the keys'],
    ['fingerprints alone', bootOutput([]).split('finished')[0]!.slice(0, -40), 'waiting', 'holds no keys'],
    ['a block whose beginning is gone', `${ed25519}\n${END}`, 'refused', 'begins inside of the keys'],
    ['a boot that printed none', bootOutput([]), 'refused', 'cloud-init has finished'],
    ['a block of torn lines', `${block(ed25519.slice(0, 60))}\n${bootOutput([])}`, 'refused', 'no whole key'],
    ['a block that a program logs', block(ed25519).replaceAll(/^/gm, 'web[7]: '), 'waiting', 'holds no keys'],
    ['a block inside of a line', `GET /${BEGIN}\n${ed25519}\nGET /${END}`, 'waiting', 'holds no keys'],
    ['other keys at the next boot', `${block(ed25519)}\n${block(OTHER_HOST_KEY)}`, 'refused', 'different keys'],
    ['a key that a later block adds', `${block(ed25519)}\n${block(ed25519, rsa)}`, 'refused', 'different keys'],
    ['another key in a block without an end', `${block(ed25519)}\n${BEGIN}\n${rsa}\n`, 'refused', 'different keys'],
    ['two keys of a type', block(ed25519, OTHER_HOST_KEY), 'refused', 'different keys'],
  ])('%s', (_, output, state, why) => {
    expect(readConsole(output)).toEqual({ state, why: expect.stringContaining(why) })
  })
})

it('half of a key is never a key, wherever the line is torn', () => {
  for (const key of [ecdsa, ed25519, rsa])
    for (let length = 1; length < key.length; length++)
      expect(readConsole([BEGIN, key.slice(0, length), END].join('\n'))).toMatchObject({ state: 'waiting' })
})

it('whatever else is on the console, no key comes out that was not printed whole', () => {
  const noise = fc.oneof(
    fc.string({ maxLength: 80 }),
    fc.constantFrom(BEGIN, END, '', '\u001B[2J', '[  3.2] random: crng init done', `x ${BEGIN}`, `${END} x`),
    fc.constantFrom(...HOST_KEYS),
    fc.nat({ max: 90 }).map(length => ecdsa.slice(0, length)),
  )
  fc.assert(
    fc.property(fc.array(noise, { maxLength: 25 }), fc.constantFrom('\n', '\r\n', '\r\r\n'), (lines, end) => {
      const reading = readConsole(lines.join(end))
      if (reading.state === 'known') for (const key of reading.keys) expect(HOST_KEYS).toContain(key)
    }),
  )
})

it('keeps what a block says, through any lines of the kernel’s between and before it', () => {
  const kernel = fc.stringMatching(/^\[ {1,4}\d{1,3}\.\d{6}\] [a-z0-9 :=,.]{0,60}$/)
  fc.assert(
    fc.property(fc.array(kernel), fc.array(kernel), (before, between) => {
      const lines = [...before, BEGIN, ed25519, ...between, rsa, END, ...between]
      expect(readConsole(lines.join('\n'))).toEqual(known(ed25519, rsa))
    }),
  )
})
