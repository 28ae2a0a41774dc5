#!/usr/bin/env node
// SPDX-License-Identifier: GPL-3.0-or-later
// Opens and seals AWS Encryption SDK messages with the stock JavaScript SDK, so that edgeseal is judged by another's
// code. `tests/setup` installs the SDK; EDGESEAL_PEER_MODULES names its node_modules, if it lies elsewhere.
import { createHash, createPrivateKey, createPublicKey, createCipheriv, generateKeyPairSync, constants,
         privateDecrypt, publicEncrypt, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

const usage = `usage: peer.mjs COMMAND …   ("-" as FILE is standard input)

open [KEYS] FILE
    plaintext to standard output; encryption context and suite, as JSON, to standard error
open-many [KEYS] [--output-dir DIR] FILE…
    a line of JSON a file: {file, ok, suite, context, sha256, plaintext_base64 | plaintext_file} or {file, ok, error}
    names on standard input, one a line, with --files-from -
    KEYS: --private-key PEM…     RSA keys, each tried
          --namespace N --name K only the raw-rsa keyring of this name; otherwise each EDK's own name is tried
          --kms-arn ARN          only aws-kms-rsa EDKs of this key ARN
seal KEY… [--context K=V]… [--frame-length BYTES] [--suite NAME|0xID] -o OUT FILE
    KEY:  --public-key PEM then --namespace N --name K [--oaep sha256|sha1]   raw-rsa
          --public-key PEM then --kms-arn ARN                                aws-kms-rsa
          (--private-key PEM serves as well; each one begins a further EDK)
    default: suite 0x0478, frames of 4096 bytes
make-corpus DIR
    messages of many shapes, sound and damaged, with keys and manifest.json

exit status: 0 fine, 1 something could not be done, 64 wrong use`;

const require = createRequire(join(
  process.env.EDGESEAL_PEER_MODULES ??
    join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'edgeseal/peer/current/node_modules'),
  'x.js'));
let sdk;
try {
  sdk = {
    ...require('@aws-crypto/material-management-node'), ...require('@aws-crypto/encrypt-node'),
    ...require('@aws-crypto/decrypt-node'), ...require('@aws-crypto/raw-rsa-keyring-node'),
  };
} catch (error) {
  console.error(`error: the stock SDK is not installed: ${error.message.split('\n')[0]}\nfix: run tests/setup`);
  process.exit(1);
}
const { AlgorithmSuiteIdentifier, CommitmentPolicy, EncryptedDataKey, KeyringNode, KeyringTraceFlag, MultiKeyringNode,
        RawRsaKeyringNode, immutableClass, needs, unwrapDataKey } = sdk;

// --- keyrings ---------------------------------------------------------------------------------------------------------

const bytesOf = ({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength);

// SHA-384 of the encryption context as the AWS KMS RSA keyring's specification has it: pair count and sorted pairs;
// of nothing at all when the context is empty.
export function contextDigest(context) {
  const u16 = (n) => Buffer.from([n >> 8, n & 255]);
  const field = (bytes) => Buffer.concat([u16(bytes.length), bytes]);
  const pairs = Object.entries(context).map((pair) => pair.map((text) => Buffer.from(text, 'utf8')))
    .sort(([a], [b]) => Buffer.compare(a, b));
  const serialized = pairs.length === 0
    ? Buffer.alloc(0)
    : Buffer.concat([u16(pairs.length), ...pairs.flatMap(([key, value]) => [field(key), field(value)])]);
  return createHash('sha384').update(serialized).digest();
}

// The AWS KMS RSA keyring, with the private key at hand in the place of KMS. The JavaScript SDK has none.
const kmsRsaProvider = 'aws-kms-rsa';
const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };

class KmsRsaKeyring extends KeyringNode {
  constructor({ arn, publicKey, privateKey }) {
    super();
    Object.assign(this, { arn, publicKey, privateKey });
  }
  async _onEncrypt(material) {
    const name = { keyName: this.arn, keyNamespace: kmsRsaProvider };
    if (!material.hasUnencryptedDataKey) {
      material.setUnencryptedDataKey(randomBytes(material.suite.keyLengthBytes),
        { ...name, flags: KeyringTraceFlag.WRAPPING_KEY_GENERATED_DATA_KEY });
    }
    const plaintext = Buffer.concat([
      contextDigest(material.encryptionContext), bytesOf(unwrapDataKey(material.getUnencryptedDataKey()))]);
    return material.addEncryptedDataKey(
      new EncryptedDataKey({
        providerId: kmsRsaProvider, providerInfo: this.arn,
        encryptedDataKey: publicEncrypt({ key: this.publicKey, ...oaep }, plaintext),
      }),
      KeyringTraceFlag.WRAPPING_KEY_ENCRYPTED_DATA_KEY);
  }
  async _onDecrypt(material, edks) {
    for (const edk of edks) {
      if (material.hasValidKey()) break;
      if (edk.providerId !== kmsRsaProvider || (this.arn && edk.providerInfo !== this.arn)) continue;
      let plaintext;
      try {
        plaintext = privateDecrypt({ key: this.privateKey, ...oaep }, bytesOf(edk.encryptedDataKey));
      } catch {
        continue;  // another's key
      }
      const digest = contextDigest(material.encryptionContext);
      needs(plaintext.length === digest.length + material.suite.keyLengthBytes, 'aws-kms-rsa: plaintext length');
      needs(plaintext.subarray(0, digest.length).equals(digest), 'aws-kms-rsa: encryption context digest');
      material.setUnencryptedDataKey(Uint8Array.from(plaintext.subarray(digest.length)),
        { keyName: edk.providerInfo, keyNamespace: kmsRsaProvider,
          flags: KeyringTraceFlag.WRAPPING_KEY_DECRYPTED_DATA_KEY });
    }
    return material;
  }
}
immutableClass(KmsRsaKeyring);

function rawRsaKeyrings({ namespace, name, publicKey, privateKey, hashes = ['sha256', 'sha1'] }) {
  return hashes.map((oaepHash) =>
    new RawRsaKeyringNode({ keyNamespace: namespace, keyName: name, rsaKey: { publicKey, privateKey }, oaepHash }));
}

// Stock raw RSA keyrings named as each EDK is, so that a message opens without being told the name.
class AnyRawRsaKeyring extends KeyringNode {
  constructor({ privateKey }) {
    super();
    this.privateKey = privateKey;
  }
  async _onEncrypt() {
    throw new Error('opens only');
  }
  async _onDecrypt(material, edks) {
    for (const edk of edks) {
      if (edk.providerId.startsWith('aws-kms')) continue;
      for (const keyring of rawRsaKeyrings(
        { namespace: edk.providerId, name: edk.providerInfo, privateKey: this.privateKey })) {
        if (!material.hasValidKey()) await keyring.onDecrypt(material, [edk]);
      }
    }
    return material;
  }
}
immutableClass(AnyRawRsaKeyring);

// --- opening and sealing ----------------------------------------------------------------------------------------------

const { decrypt } = sdk.buildDecrypt(CommitmentPolicy.REQUIRE_ENCRYPT_ALLOW_DECRYPT);
const sealers = [CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT, CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT]
  .map((policy) => sdk.buildEncrypt(policy).encrypt);

const suiteName = (id) => `0x${id.toString(16).padStart(4, '0')}`;
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

function suiteId(text) {
  const id = /^0x[0-9a-f]{4}$/i.test(text) ? Number(text) : AlgorithmSuiteIdentifier[text];
  if (typeof id !== 'number' || typeof AlgorithmSuiteIdentifier[id] !== 'string') wrongUse(`unknown suite ${text}`);
  return id;
}

function openingKeyring({ keys, namespace, name, arn }) {
  const children = keys.flatMap((pem) => {
    const privateKey = createPrivateKey(readFileSync(pem)).export({ type: 'pkcs8', format: 'pem' });
    if (arn) return [new KmsRsaKeyring({ arn, privateKey })];
    if (namespace) return rawRsaKeyrings({ namespace, name, privateKey });
    return [new AnyRawRsaKeyring({ privateKey }), new KmsRsaKeyring({ privateKey })];
  });
  return new MultiKeyringNode({ children });
}

async function open(keyring, message) {
  const { plaintext, messageHeader } = await decrypt(keyring, message);
  return { plaintext, context: { ...messageHeader.encryptionContext }, suite: suiteName(messageHeader.suiteId) };
}

async function seal(keyrings, plaintext, { context = {}, frameLength, suite = 0x0478 } = {}) {
  const [generator, ...children] = keyrings;
  const keyring = new MultiKeyringNode({ generator, children });
  const committing = suite === 0x0478 || suite === 0x0578;
  const { result } = await sealers[committing ? 0 : 1](keyring, plaintext,
    { encryptionContext: context, frameLength, suiteId: suite, plaintextLength: plaintext.length });
  return result;
}

function sealingKeyring({ pem, namespace, name, arn, hash = 'sha256' }) {
  const publicKey = createPublicKey(readFileSync(pem)).export({ type: 'spki', format: 'pem' });
  if (arn) return new KmsRsaKeyring({ arn, publicKey });
  if (!namespace || !name) wrongUse(`--public-key ${pem} needs --namespace and --name, or --kms-arn`);
  return rawRsaKeyrings({ namespace, name, publicKey, hashes: [hash] })[0];
}

// --- a corpus ---------------------------------------------------------------------------------------------------------

// Where the parts of a message's header lie, so that damage can be done to the part that is meant.
function layoutOf(message) {
  const version = message[0];
  let at = version === 2 ? 3 : 4;
  at += version === 2 ? 32 : 16;
  const context = at + 2;
  at = context + message.readUInt16BE(at);
  const edks = at;
  let edkCiphertext;
  for (let left = message.readUInt16BE(at), next = (at += 2); left > 0; left--) {
    for (let field = 0; field < 3; field++) {
      if (field === 2) edkCiphertext ??= next + 2;
      next += 2 + message.readUInt16BE(next);
    }
    at = next;
  }
  const contentType = at;
  const frameLength = version === 2 ? at + 1 : at + 6;
  const commitment = frameLength + 4;
  const headerTag = version === 2 ? commitment + 32 : commitment + 12;
  return { context, edks, edkCiphertext, contentType, frameLength, commitment, headerTag, body: headerTag + 16 };
}

// An unframed message (content type 01) of version 1 without key derivation, which the JavaScript SDK reads but does not
// write. Source: AWS Encryption SDK specification, data-format/message-header.md and message-body.md.
function sealUnframed(plaintext, { publicKey, namespace, name }) {
  const u = (size, value) => {
    const bytes = Buffer.alloc(size);
    size === 8 ? bytes.writeBigUInt64BE(BigInt(value)) : bytes.writeUIntBE(value, 0, size);
    return bytes;
  };
  const field = (bytes) => Buffer.concat([u(2, bytes.length), Buffer.from(bytes)]);
  const dataKey = randomBytes(32);
  const messageId = randomBytes(16);
  const gcm = (iv, aad, bytes) => {
    const cipher = createCipheriv('aes-256-gcm', dataKey, iv);
    cipher.setAAD(aad);
    return [Buffer.concat([cipher.update(bytes), cipher.final()]), cipher.getAuthTag()];
  };
  const header = Buffer.concat([
    u(1, 1), u(1, 0x80), u(2, 0x0078), messageId, u(2, 0), u(2, 1), field(Buffer.from(namespace)),
    field(Buffer.from(name)), field(publicEncrypt({ key: publicKey, ...oaep }, dataKey)),
    u(1, 1), u(4, 0), u(1, 12), u(4, 0)]);
  const headerIv = Buffer.alloc(12);
  const [, headerTag] = gcm(headerIv, header, Buffer.alloc(0));
  const iv = Buffer.concat([Buffer.alloc(11), u(1, 1)]);
  const aad = Buffer.concat(
    [messageId, Buffer.from('AWSKMSEncryptionClient Single Block'), u(4, 1), u(8, plaintext.length)]);
  const [ciphertext, tag] = gcm(iv, aad, plaintext);
  return Buffer.concat([header, headerIv, headerTag, iv, u(8, plaintext.length), ciphertext, tag]);
}

async function makeCorpus(dir) {
  mkdirSync(dir, { recursive: true });
  const newKey = (file, bits) => {
    const pair = generateKeyPairSync('rsa', {
      modulusLength: bits, publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
    writeFileSync(join(dir, `${file}.pem`), pair.privateKey, { mode: 0o600 });
    writeFileSync(join(dir, `${file}.pub.pem`), pair.publicKey);
    return pair;
  };
  const ours = newKey('ours', 2048);
  const theirs = newKey('theirs', 3072);
  const arn = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
  const foreignArn = 'arn:aws:kms:eu-west-1:444455556666:key/ffffffff-12ab-34cd-56ef-1234567890ab';
  const raw = ({ publicKey }, name, hash = 'sha256') =>
    rawRsaKeyrings({ namespace: 'edgeseal', name, publicKey, hashes: [hash] })[0];
  const mine = raw(ours, 'ours');
  const kms = new KmsRsaKeyring({ arn, publicKey: ours.publicKey });
  const foreign = [raw(theirs, 'theirs'), new KmsRsaKeyring({ arn: foreignArn, publicKey: theirs.publicKey })];

  const entries = [];
  const messages = new Map();
  const keep = (name, bytes, entry) => {
    const file = `${name}.esdk`;
    writeFileSync(join(dir, file), bytes);
    messages.set(name, bytes);
    entries.push({ file, ...entry });
  };
  const sound = async (name, keyrings, plaintext, options = {}) => {
    const message = await seal(keyrings, plaintext, options);
    const { context, suite } = await open(new MultiKeyringNode({
      children: [new AnyRawRsaKeyring(ours), new KmsRsaKeyring({ privateKey: ours.privateKey })] }), message);
    keep(name, message, { expect: 'open', suite, context, plaintext_bytes: plaintext.length,
                          plaintext_sha256: sha256(plaintext) });
  };
  const text = (bytes) => Buffer.alloc(bytes, '{"sensor":"plant/7","value":42}\n');
  const KiB = 1024;
  const MiB = 1024 * KiB;

  // Frame lengths and how plaintexts end in them.
  await sound('frame-1', [mine], text(70), { frameLength: 1 });
  await sound('frame-16', [mine], text(1000), { frameLength: 16 });
  await sound('frame-64k', [mine], text(200 * KiB + 5), { frameLength: 64 * KiB });
  await sound('frame-1m', [mine], text(2 * MiB + 1), { frameLength: MiB });
  await sound('one-frame', [mine], text(100), { frameLength: 64 * KiB });
  await sound('one-byte', [mine], text(1), { frameLength: 64 * KiB });
  await sound('empty', [mine], text(0), { frameLength: 64 * KiB });
  await sound('empty-frame-1', [mine], text(0), { frameLength: 1 });
  await sound('fills-one-frame', [mine], text(64 * KiB), { frameLength: 64 * KiB });
  await sound('fills-three-frames', [mine], text(48), { frameLength: 16 });
  await sound('one-short-of-a-frame', [mine], text(47), { frameLength: 16 });
  await sound('one-over-a-frame', [mine], text(49), { frameLength: 16 });
  await sound('binary', [mine], randomBytes(10000), { frameLength: 4096 });
  // Contexts.
  const large = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`key-${i}`, 'x'.repeat(100 + (i % 50))]));
  await sound('context-one', [mine], text(100), { context: { gateway: 'truck-017' } });
  await sound('context-order', [mine], text(100), { context: { z: '1', a: '2', aa: '3', Z: '4', é: '5', '𝄞': '6', '': '7' }});
  await sound('context-unicode', [mine], text(100), { context: { größe: '42 µm', 機械: '七號', '🚚': '017' } });
  await sound('context-empty-value', [mine], text(100), { context: { nothing: '' } });
  await sound('context-large', [mine], text(100), { context: large });
  // Encrypted data keys.
  await sound('oaep-sha1', [raw(ours, 'ours', 'sha1')], text(100));
  await sound('kms-rsa', [kms], text(100), { context: { gateway: 'truck-017', route: 'telemetry' } });
  await sound('kms-rsa-empty-context', [kms], text(100));
  await sound('kms-rsa-unicode-context', [kms], text(100), { context: { größe: '42 µm', '🚚': '017', '𝄞': '1', 'ﬀ': '2' } });
  await sound('edks-foreign-first', [...foreign, mine], text(100), { context: { gateway: 'truck-017' } });
  await sound('edks-foreign-first-kms-rsa', [...foreign, kms], text(100), { context: { gateway: 'truck-017' } });
  await sound('edks-both-forms', [kms, mine], text(100));
  await sound('edks-same-name-other-key', [raw(theirs, 'ours'), mine], text(100));
  await sound('edks-kms-rsa-same-arn-other-key',
    [new KmsRsaKeyring({ arn, publicKey: theirs.publicKey }), kms], text(100));
  await sound('edks-40', [...Array.from({ length: 39 }, (_, i) => raw(theirs, `other-${i}`)), mine], text(100));
  // Suites.
  for (const suite of [0x0014, 0x0046, 0x0078, 0x0114, 0x0146, 0x0178, 0x0214, 0x0346, 0x0378, 0x0578]) {
    const options = { suite, context: { gateway: 'truck-017' }, frameLength: 256 };
    await sound(`suite-${suiteName(suite).slice(2)}`, [mine], text(1000), options);
    if (suite >= 0x0178) await sound(`suite-${suiteName(suite).slice(2)}-kms-rsa`, [kms], text(1000), options);
  }
  await sound('suite-0578-empty', [mine], text(0), { suite: 0x0578 });
  const unframed = text(3000);
  const unframedMessage = sealUnframed(unframed, { publicKey: ours.publicKey, namespace: 'edgeseal', name: 'ours' });
  if (sha256((await open(new AnyRawRsaKeyring(ours), unframedMessage)).plaintext) !== sha256(unframed)) {
    throw new Error('the stock SDK does not read our unframed message');
  }
  keep('unframed', unframedMessage, { expect: 'open', suite: '0x0078', context: {}, plaintext_bytes: unframed.length,
                                      plaintext_sha256: sha256(unframed) });

  // Damaged ones. `check` names what must refuse them.
  const damage = (name, of, check, change) => {
    const original = messages.get(of);
    const copy = Buffer.from(original);
    keep(`bad-${name}`, change(copy, layoutOf(original)) ?? copy, { expect: 'refuse', check, made_from: `${of}.esdk` });
  };
  const flip = (where) => (bytes, layout) => void (bytes[where(layout, bytes)] ^= 1);
  const cut = (where) => (bytes, layout) => bytes.subarray(0, where(layout, bytes));
  damage('version-3', 'frame-16', 'version', (bytes) => void (bytes[0] = 3));
  damage('version-0', 'frame-16', 'version', (bytes) => void (bytes[0] = 0));
  damage('suite-unknown', 'frame-16', 'suite', (bytes) => void bytes.writeUInt16BE(0x0479, 1));
  damage('suite-v1-in-v2', 'frame-16', 'suite', (bytes) => void bytes.writeUInt16BE(0x0178, 1));
  damage('message-id', 'frame-16', 'commitment', flip(() => 5));
  damage('commitment', 'frame-16', 'commitment', flip((l) => l.commitment));
  damage('header-tag', 'frame-16', 'header-tag', flip((l) => l.headerTag));
  damage('context-value', 'context-one', 'header-tag', flip((l) => l.edks - 1));
  damage('context-value-kms-rsa', 'kms-rsa', 'context-digest', flip((l) => l.edks - 1));
  damage('edk', 'frame-16', 'no-key', flip((l) => l.edkCiphertext + 9));
  damage('edk-none', 'frame-16', 'edk-count', (bytes, l) => {
    return Buffer.concat([bytes.subarray(0, l.edks), Buffer.from([0, 0]), bytes.subarray(l.contentType)]);
  });
  damage('content-type-3', 'frame-16', 'content-type', (bytes, l) => void (bytes[l.contentType] = 3));
  damage('frame-length', 'frame-16', 'header-tag', flip((l) => l.frameLength + 3));
  damage('frame-ciphertext', 'frame-16', 'frame-tag', flip((l) => l.body + 4 + 12));
  damage('frame-tag', 'frame-16', 'frame-tag', flip((l) => l.body + 4 + 12 + 16));
  damage('frame-sequence', 'frame-16', 'frame-sequence', flip((l) => l.body + 3));
  damage('frame-iv', 'frame-16', 'frame-iv', flip((l) => l.body + 4));
  damage('frames-swapped', 'frame-16', 'frame-sequence', (bytes, l) => {
    const size = 4 + 12 + 16 + 16;
    const [one, two] = [0, 1].map((i) => Buffer.from(bytes.subarray(l.body + i * size, l.body + (i + 1) * size)));
    two.copy(bytes, l.body);
    one.copy(bytes, l.body + size);
  });
  damage('frame-missing', 'frame-16', 'frame-sequence', (bytes, l) =>
    Buffer.concat([bytes.subarray(0, l.body), bytes.subarray(l.body + 48)]));
  damage('final-missing', 'fills-three-frames', 'truncated', (bytes, l) => bytes.subarray(0, l.body + 2 * 48));
  damage('final-ciphertext', 'one-frame', 'frame-tag', flip((l) => l.body + 4 + 4 + 12 + 4));
  damage('final-length', 'one-frame', 'truncated', (bytes, l) => void (bytes[l.body + 4 + 4 + 12 + 3] += 1));
  damage('final-longer-than-frame', 'frame-16', 'frame-length', (bytes, l) => {
    const at = l.body + 62 * 48 + 4 + 4 + 12;  // 1000 bytes are 62 full frames and 8 bytes
    bytes.writeUInt32BE(17, at);
  });
  damage('trailing-byte', 'one-frame', 'trailing', (bytes) => Buffer.concat([bytes, Buffer.from([0])]));
  damage('two-messages', 'one-frame', 'trailing', (bytes) => Buffer.concat([bytes, bytes]));
  damage('signature', 'suite-0578', 'signature', flip((l, bytes) => bytes.length - 1));
  damage('signature-missing', 'suite-0578', 'truncated', (bytes) => bytes.subarray(0, bytes.length - 100));
  damage('unframed-ciphertext', 'unframed', 'frame-tag', flip((l) => l.body + 12 + 8));
  damage('unframed-tag', 'unframed', 'frame-tag', flip((l, bytes) => bytes.length - 1));
  damage('nothing', 'one-frame', 'truncated', cut(() => 0));
  damage('cut-in-header', 'one-frame', 'truncated', cut((l) => l.edks + 20));
  damage('cut-in-header-tag', 'one-frame', 'truncated', cut((l) => l.headerTag + 8));
  damage('cut-before-body', 'one-frame', 'truncated', cut((l) => l.body));
  damage('cut-in-frame', 'one-frame', 'truncated', cut((l, bytes) => bytes.length - 1));
  const strangers = await seal(foreign, text(100), { context: { gateway: 'truck-017' } });
  keep('bad-not-for-us', strangers, { expect: 'refuse', check: 'no-key' });

  writeFileSync(join(dir, 'manifest.json'), JSON.stringify(
    { private_key: 'ours.pem', other_private_key: 'theirs.pem', kms_arn: arn, namespace: 'edgeseal', name: 'ours',
      messages: entries }, null, 1) + '\n');
  console.log(`${entries.length} messages in ${dir}`);
}

// --- command line -----------------------------------------------------------------------------------------------------

function wrongUse(problem) {
  console.error(`error: ${problem}\n\n${usage}`);
  process.exit(64);
}

function parse(words) {
  const options = { keys: [], context: {}, files: [] };
  const key = () => options.keys.at(-1) ?? options;
  while (words.length > 0) {
    const word = words.shift();
    const value = () => (words.length > 0 ? words.shift() : wrongUse(`${word} needs a value`));
    switch (word) {
      case '--private-key': case '--public-key': options.keys.push({ pem: value() }); break;
      case '--namespace': key().namespace = value(); break;
      case '--name': key().name = value(); break;
      case '--kms-arn': key().arn = value(); break;
      case '--oaep': key().hash = value(); break;
      case '--context': {
        const [, name, text] = /^([^=]*)=(.*)$/s.exec(value()) ?? wrongUse('--context takes K=V');
        options.context[name] = text;
        break;
      }
      case '--frame-length': options.frameLength = Number(value()); break;
      case '--suite': options.suite = suiteId(value()); break;
      case '--output-dir': options.outputDir = value(); break;
      case '--files-from': options.filesFrom = value(); break;
      case '-o': options.output = value(); break;
      default:
        if (word !== '-' && word.startsWith('-')) wrongUse(`unknown option ${word}`);
        options.files.push(word);
    }
  }
  return options;
}

const read = (file) => readFileSync(file === '-' ? 0 : file);

function keyringFor(options) {
  if (options.keys.length === 0) wrongUse('--private-key is needed');
  const named = (what) => options.keys.map((key) => key[what]).find(Boolean) ?? options[what];
  return openingKeyring({ keys: options.keys.map(({ pem }) => pem), namespace: named('namespace'), name: named('name'),
                          arn: named('arn') });
}

async function main([command, ...words]) {
  if (command === undefined || command === '--help') {
    console.log(usage);
    return 0;
  }
  const options = parse(words);
  switch (command) {
    case 'open': {
      if (options.files.length !== 1) wrongUse('open takes one file');
      const { plaintext, context, suite } = await open(keyringFor(options), read(options.files[0]));
      process.stdout.write(plaintext);
      console.error(JSON.stringify({ context, suite }));
      return 0;
    }
    case 'open-many': {
      const keyring = keyringFor(options);
      if (options.filesFrom) options.files.push(...read(options.filesFrom).toString().split('\n').filter(Boolean));
      if (options.outputDir) mkdirSync(options.outputDir, { recursive: true });
      let failed = 0;
      for (const [index, file] of options.files.entries()) {
        let line;
        try {
          const { plaintext, context, suite } = await open(keyring, read(file));
          line = { file, ok: true, suite, context, sha256: sha256(plaintext) };
          if (options.outputDir) {
            line.plaintext_file = join(options.outputDir, `${index}`);
            writeFileSync(line.plaintext_file, plaintext);
          } else {
            line.plaintext_base64 = plaintext.toString('base64');
          }
        } catch (error) {
          failed++;
          line = { file, ok: false, error: error.message };
        }
        process.stdout.write(JSON.stringify(line) + '\n');
      }
      return failed > 0 ? 1 : 0;
    }
    case 'seal': {
      if (options.files.length !== 1 || !options.output) wrongUse('seal takes one file and -o OUT');
      if (options.keys.length === 0) wrongUse('--public-key is needed');
      writeFileSync(options.output, await seal(options.keys.map(sealingKeyring), read(options.files[0]), options));
      return 0;
    }
    case 'make-corpus':
      if (options.files.length !== 1) wrongUse('make-corpus takes one folder');
      await makeCorpus(options.files[0]);
      return 0;
    default:
      return wrongUse(`unknown command ${command}`);
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
}
