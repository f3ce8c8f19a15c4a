/** A private key as PEM; `kind` is what stands before `PRIVATE KEY`, with its space. */
export function pem(kind: string, body: string): string {
  return `-----BEGIN ${kind}PRIVATE KEY-----\n${body}\n-----END ${kind}PRIVATE KEY-----`
}

/** A file as ssh-keygen makes it, of the parts that OpenSSH's format has; no key is in it. */
export function openSsh(cipher: string): string {
  const frame = Buffer.from(`openssh-key-v1\0\0\0\0${String.fromCharCode(cipher.length)}${cipher}`)
  return pem('OPENSSH ', frame.toString('base64'))
}
