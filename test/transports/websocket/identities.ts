/** Certificates that are made for a test and are good for an hour, written in the few forms of DER they need. */

import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

/** A certificate and its key, PEM. */
export interface Identity {
  readonly cert: string
  readonly key: string
}

/** Somebody who signs certificates. */
export interface Authority {
  readonly cert: string
  /** A certificate for the address 127.0.0.1. */
  issue(name: string): Identity
}

interface Subject {
  readonly name: string
  readonly issuer: string
  readonly publicKey: KeyObject
  readonly signingKey: KeyObject
  readonly isAuthority: boolean
}

const HOUR_MS = 3_600_000
/** Object identifiers, encoded: ecdsa-with-SHA256, common name, basic constraints, subject alternative name. */
const [ECDSA, COMMON_NAME, CONSTRAINTS, OTHER_NAMES] = ['2a8648ce3d040302', '550403', '551d13', '551d11'].map((hex) =>
  der(0x06, Buffer.from(hex, 'hex')),
) as [Buffer, Buffer, Buffer, Buffer]
const TRUE = der(0x01, Buffer.of(0xff))

let serials = 0

/** Makes one. */
export function makeAuthority(name: string): Authority {
  const { publicKey, privateKey } = newKeys()
  const cert = certificate({ name, issuer: name, publicKey, signingKey: privateKey, isAuthority: true })
  return {
    cert,
    issue: (subject) => {
      const keys = newKeys()
      const facts = {
        name: subject,
        issuer: name,
        publicKey: keys.publicKey,
        signingKey: privateKey,
        isAuthority: false,
      }
      return { cert: certificate(facts), key: String(keys.privateKey.export({ type: 'pkcs8', format: 'pem' })) }
    },
  }
}

function certificate({ name, issuer, publicKey, signingKey, isAuthority }: Subject): string {
  const extension = isAuthority
    ? sequence(CONSTRAINTS, TRUE, der(0x04, sequence(TRUE)))
    : sequence(OTHER_NAMES, der(0x04, sequence(der(0x87, Buffer.of(127, 0, 0, 1)))))
  const content = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.of(1, ++serials)),
    sequence(ECDSA),
    nameOf(issuer),
    sequence(time(Date.now() - HOUR_MS), time(Date.now() + HOUR_MS)),
    nameOf(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(extension)),
  )
  const signature = der(0x03, Buffer.of(0), sign('sha256', content, signingKey))
  const lines = sequence(content, sequence(ECDSA), signature)
    .toString('base64')
    .match(/.{1,64}/g)
  return `-----BEGIN CERTIFICATE-----\n${lines?.join('\n')}\n-----END CERTIFICATE-----\n`
}

function nameOf(text: string): Buffer {
  return sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from(text)))))
}

/** Two digits of the year will do until 2049. */
function time(ms: number): Buffer {
  return der(0x17, Buffer.from(`${new Date(ms).toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`))
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, ...parts)
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.of(tag, ...size), content])
}

function newKeys(): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
}
