import { expect, it } from '@jest/globals'
import { checkCompose, imagesOf } from '../../../actions/deploy-compose/src/compose-file.ts'
import { sshArguments } from '../../../actions/deploy-compose/src/ssh.ts'
import { openSsh } from './keys.ts'
import { image, inputsWith } from './world.ts'

it('a compose file with anchors, named volumes, host paths and an .env can be a release', () => {
  const file = [
    'x-all: &all',
    '  restart: always',
    'services:',
    '  api:',
    '    <<: *all',
    `    image: ${image('api', 'ok-1')}`,
    '    env_file: .env',
    '    volumes: [data:/data, /srv/x:/x:ro]',
    'volumes: {data: {}}',
  ].join('\n')
  expect([...checkCompose([{ path: 'c.yml', text: file }], new Set()).images]).toEqual([['api', image('api', 'ok-1')]])
})

it('an earlier release whose file cannot be read has no images', () => {
  expect(imagesOf(['{'])).toEqual(new Map())
})

it('R25: a host comes behind "--", host keys are strict, and no argument holds a secret', () => {
  const host = { kind: 'ssh', user: 'deploy', name: '::1', port: 2222 } as const
  const args = sshArguments(host, { key: '/t 1/key', knownHosts: '/t 1/known_hosts' })
  expect(args.slice(-3, -1)).toEqual(['--', '::1'])
  expect(args).toEqual(
    expect.arrayContaining(['StrictHostKeyChecking=yes', 'BatchMode=yes', 'UserKnownHostsFile="/t 1/known_hosts"']),
  )
  // Every login shell hands on what stands in single quotes, unless one of these is in it.
  expect(args.at(-1)).toMatch(/^exec sh -c '[^'\\!]+'$/)
})

it('a key that was copied with Windows line ends, and without the last, is put right', () => {
  const key = openSsh('none')
  expect(inputsWith({ 'ssh-key': key.replaceAll('\n', '\r\n') })['ssh-key']).toBe(`${key}\n`)
})
