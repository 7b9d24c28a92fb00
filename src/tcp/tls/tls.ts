/**
 * Mutual TLS. Both sides show a certificate that an authority in `ca` has signed, or hear why they are turned away; on a
 * connection nobody is heard under an id that his certificate does not give him. Certificates in files are read again when
 * they change: connections that stand go on, new ones use the new.
 */

import type { X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import { type ConnectionOptions, connect, TLSSocket } from 'node:tls'
import { assert, isPlainObject } from '../../core/index.ts'
import type { TcpAddress } from '../address.ts'
import { refusalBy } from '../refusal.ts'
import type { Door, DoorOptions, SecuredConnection, Security } from '../security.ts'
import { CertificateError } from './certificate-error.ts'
import {
  assertInDate,
  type Credentials,
  type CredentialTexts,
  checkCredentials,
  hasFiles,
  readCredentials,
  readCredentialsLater,
} from './credentials.ts'
import type { ResolvedTlsOptions } from './options.ts'
import { certificateRefused, idMismatch, tlsProblem } from './problem.ts'
import { SecureDoor } from './secure-door.ts'

/** The TLS of one transport. */
export class Tls implements Security {
  readonly findsDialects = false
  readonly #tellError: (error: Error) => void
  readonly #doors = new Set<SecureDoor>()
  /** The id each connection was last allowed to use. */
  readonly #ids = new WeakMap<SecuredConnection, string>()
  #options: ResolvedTlsOptions
  #credentials: Credentials
  #timer: NodeJS.Timeout | undefined
  #isReading = false
  #isClosed = false
  /** Why the files cannot be used at present, so that it is told once. */
  #failure: string | undefined

  /**
   * @param tellError - told of files that have changed and cannot be used
   * @throws {CertificateError} `GOSSIP_CERTIFICATE_UNUSABLE`: a file cannot be read, or certificate and key do not fit
   */
  constructor(options: ResolvedTlsOptions, tellError: (error: Error) => void) {
    this.#options = options
    this.#tellError = tellError
    this.#credentials = checkCredentials(readCredentials(options), options)
  }

  assertMayListenAt(): void {}

  createDoor(options: DoorOptions): Door {
    assertInDate(this.#credentials)
    this.#watch()
    const door = new SecureDoor(this.#credentials.context, this.#options.handshakesMax, options)
    this.#doors.add(door)
    door.server.once('close', () => this.#doors.delete(door))
    return door
  }

  dial({ host, port }: TcpAddress, writableHighWaterMark: number): Socket {
    this.#watch()
    const options: ConnectionOptions & { readonly allowHalfOpen: boolean; readonly highWaterMark: number } = {
      host,
      port,
      secureContext: this.#credentials.secureContext,
      allowHalfOpen: true,
      highWaterMark: writableHighWaterMark,
      // Refusing is left to `admit`, which looks at the verdict before a byte is sent. Names are ids, not hosts.
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
    }
    return connect(options).setNoDelay(true)
  }

  admit(connection: SecuredConnection, socket: Socket): void {
    assert(socket instanceof TLSSocket, 'every socket of this transport speaks TLS')
    connection.hold()
    if (connection.direction === 'inbound') this.#examine(connection, socket)
    else socket.once('secureConnect', () => this.#examine(connection, socket))
  }

  screen(connection: SecuredConnection, value: unknown): boolean {
    const refusal = refusalBy(connection, value)
    if (refusal !== undefined) {
      connection.fail(refusal)
      return false
    }
    const id = senderIdOf(value)
    if (id === undefined || this.#ids.get(connection) === id) return true
    const reason = this.#reasonAgainst(id, connection.peerCertificate)
    if (reason === undefined) this.#ids.set(connection, id)
    else connection.refuse(idMismatch(connection, id, reason))
    return reason === undefined
  }

  screenStart(): boolean {
    return true
  }

  explain(connection: SecuredConnection, error: Error): Error {
    return tlsProblem(connection, error)
  }

  /**
   * Replaces certificate, key, authorities and rule, or reads the files of the present ones again. Connections that stand
   * go on.
   *
   * @throws {CertificateError} `GOSSIP_CERTIFICATE_RELOAD_FAILED`: they cannot be used; the present ones stay in use
   */
  reload(options: ResolvedTlsOptions = this.#options): void {
    try {
      this.#use(checkedNow(readCredentials(options), options))
    } catch (error) {
      throw reloadFailed(error)
    }
    this.#options = options
    this.#stopWatching()
    if (this.#doors.size > 0) this.#watch()
  }

  close(): void {
    this.#isClosed = true
    this.#stopWatching()
  }

  #examine(connection: SecuredConnection, socket: TLSSocket): void {
    const certificate = socket.getPeerX509Certificate()
    // Without a session nothing can be resumed; if it were, the verdict would be an old one.
    if (socket.authorized && certificate !== undefined && !socket.isSessionReused()) {
      connection.peerCertificate = certificate
      connection.release()
    } else connection.refuse(certificateRefused(connection, socket.authorizationError, certificate))
  }

  #reasonAgainst(id: string, certificate: X509Certificate | undefined): string | undefined {
    if (certificate === undefined) return 'no certificate was shown'
    try {
      const verdict: unknown = this.#options.peerIdRule(id, certificate)
      if (verdict === true) return undefined
      return typeof verdict === 'string' ? verdict : 'the rule for ids does not allow it'
    } catch (error) {
      return `the rule for ids failed: ${error instanceof Error ? error.message : String(error)}`
    }
  }

  #use(credentials: Credentials): void {
    this.#credentials = credentials
    this.#failure = undefined
    for (const door of this.#doors) door.renew(credentials.context)
  }

  #watch(): void {
    if (this.#timer !== undefined || this.#isClosed || !hasFiles(this.#options)) return
    this.#timer = setInterval(() => void this.#readAgain(), this.#options.reloadIntervalMs).unref()
  }

  #stopWatching(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** Contents are compared, not times: a file may be replaced twice within one tick of its clock. */
  async #readAgain(): Promise<void> {
    if (this.#isReading) return
    this.#isReading = true
    const options = this.#options
    try {
      const texts = await readCredentialsLater(options)
      if (this.#isClosed || options !== this.#options) return
      if (isSame(texts, this.#credentials.texts)) this.#failure = undefined
      else this.#use(checkedNow(texts, options))
    } catch (error) {
      if (!this.#isClosed && options === this.#options) this.#tellFailure(error)
    } finally {
      this.#isReading = false
    }
  }

  /** Files are often replaced one after the other, so this may pass by itself; it is told, and tried again. */
  #tellFailure(error: unknown): void {
    const problem = error instanceof Error ? error.message : String(error)
    if (problem === this.#failure) return
    this.#failure = problem
    this.#tellError(reloadFailed(error))
  }
}

function reloadFailed(cause: unknown): CertificateError {
  const problem = cause instanceof Error ? cause.message : String(cause)
  const message = `the new certificate cannot be used, and the present one stays in use: ${problem}`
  return new CertificateError('GOSSIP_CERTIFICATE_RELOAD_FAILED', message, cause)
}

function checkedNow(texts: CredentialTexts, options: ResolvedTlsOptions): Credentials {
  const credentials = checkCredentials(texts, options)
  assertInDate(credentials)
  return credentials
}

function isSame(texts: CredentialTexts, others: CredentialTexts): boolean {
  return texts.length === others.length && texts.every((text, i) => text === others[i])
}

/** Whatever a line is, this is how it names its sender. One that names nobody speaks for nobody. */
function senderIdOf(value: unknown): string | undefined {
  if (!isPlainObject(value) || !isPlainObject(value['sender'])) return undefined
  const { id } = value['sender']
  return typeof id === 'string' ? id : undefined
}
