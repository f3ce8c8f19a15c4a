import { expect, it } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fullNameOf, repositoryTop } from '../../local-github/seed.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

it('finds the top of the repository that a folder lies in, or says what is missing', async () => {
  const folder = temporaryFolder()
  const none = join(folder, 'none')
  await expect(repositoryTop(none)).rejects.toThrow(`there is no folder ${none}`)
  await expect(repositoryTop(folder)).rejects.toThrow(
    `${folder} is not in a git repository: run "git init" and commit there first`,
  )
  mkdirSync(join(folder, 'deep'))
  execFileSync('git', ['init', '--quiet', folder])
  expect(await repositoryTop(join(folder, 'deep'))).toBe(folder)
})

it.each([
  ['https://github.com/acme/shop.git', 'acme/shop'],
  ['git@github.com:acme/shop.web', 'acme/shop.web'],
  ['https://git.example.com/scm/acme/shop/', 'acme/shop'],
  // GitHub has no such owner.
  ['/srv/our_code/shop.git', 'local/my-shop-'],
  [null, 'local/my-shop-'],
])('calls the repository of %s %s', async (remote, name) => {
  const folder = join(temporaryFolder(), 'my shop!')
  execFileSync('git', ['init', '--quiet', folder])
  if (remote !== null) execFileSync('git', ['-C', folder, 'remote', 'add', 'origin', remote])
  expect(await fullNameOf(folder)).toBe(name)
})
