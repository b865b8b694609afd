// Made from messages.proto by `node scripts/proto.ts`. Don't edit.
/* oxlint-disable */
// @ts-nocheck -- the generator does not write for our compiler settings; frame.ts checks every field.
import { decodeMessage, encodeMessage, MaxLengthError, message } from 'protons-runtime'
import type { Codec, DecodeOptions } from 'protons-runtime'

/** One message: what frame.ts needs of it. */
export interface MessageCodec<T> {
  readonly codec: () => Codec<T>
  readonly encode: (obj: Partial<T>) => Uint8Array
  readonly decode: (buf: Uint8Array, opts?: DecodeOptions<T>) => T
}

export interface FeedUpdateMessage {
  checkpoint: Uint8Array
  from: number
  frontier: Uint8Array[]
  tail: Uint8Array[]
}

export const FeedUpdateMessage: MessageCodec<FeedUpdateMessage> = (() => {
  let _codec: Codec<FeedUpdateMessage>

  const codec = (): Codec<FeedUpdateMessage> => {
    if (_codec == null) {
      _codec = message<FeedUpdateMessage>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.checkpoint != null && obj.checkpoint.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.checkpoint)
        }

        if ((obj.from != null && obj.from !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.from)
        }

        if (obj.frontier != null && obj.frontier.length > 0) {
          for (const value of obj.frontier) {
            w.uint32(26)
            w.bytes(value)
          }
        }

        if (obj.tail != null && obj.tail.length > 0) {
          for (const value of obj.tail) {
            w.uint32(34)
            w.bytes(value)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          checkpoint: new Uint8Array(0),
          from: 0,
          frontier: [],
          tail: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.checkpoint = reader.bytes()
              break
            }
            case 2: {
              obj.from = reader.uint64Number()
              break
            }
            case 3: {
              if (opts.limits?.frontier != null && obj.frontier.length === opts.limits.frontier) {
                throw new MaxLengthError('Decode error - repeated field "frontier" had too many elements')
              }

              obj.frontier.push(reader.bytes())
              break
            }
            case 4: {
              if (opts.limits?.tail != null && obj.tail.length === opts.limits.tail) {
                throw new MaxLengthError('Decode error - repeated field "tail" had too many elements')
              }

              obj.tail.push(reader.bytes())
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const obj = {
          frontier: 0,
          tail: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.checkpoint`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.from`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              if (opts.limits?.frontier != null && obj.frontier === opts.limits.frontier) {
                throw new MaxLengthError('Streaming decode error - repeated field "frontier" had too many elements')
              }

              yield {
                field: `${prefix}.frontier[]`,
                index: obj.frontier,
                value: reader.bytes()
              }

              obj.frontier++

              break
            }
            case 4: {
              if (opts.limits?.tail != null && obj.tail === opts.limits.tail) {
                throw new MaxLengthError('Streaming decode error - repeated field "tail" had too many elements')
              }

              yield {
                field: `${prefix}.tail[]`,
                index: obj.tail,
                value: reader.bytes()
              }

              obj.tail++

              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }





  function encode (obj: Partial<FeedUpdateMessage>): Uint8Array {
    return encodeMessage(obj, FeedUpdateMessage.codec())
  }

  function decode (buf: Uint8Array, opts?: DecodeOptions<FeedUpdateMessage>): FeedUpdateMessage {
    return decodeMessage(buf, FeedUpdateMessage.codec(), opts)
  }

  return { codec, encode, decode }
})()

export interface EvidenceNoticeMessage {
  evidence: Uint8Array
  id: Uint8Array
}

export const EvidenceNoticeMessage: MessageCodec<EvidenceNoticeMessage> = (() => {
  let _codec: Codec<EvidenceNoticeMessage>

  const codec = (): Codec<EvidenceNoticeMessage> => {
    if (_codec == null) {
      _codec = message<EvidenceNoticeMessage>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.evidence != null && obj.evidence.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.evidence)
        }

        if ((obj.id != null && obj.id.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.id)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          evidence: new Uint8Array(0),
          id: new Uint8Array(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.evidence = reader.bytes()
              break
            }
            case 2: {
              obj.id = reader.bytes()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.evidence`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.id`,
                value: reader.bytes()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }



  function encode (obj: Partial<EvidenceNoticeMessage>): Uint8Array {
    return encodeMessage(obj, EvidenceNoticeMessage.codec())
  }

  function decode (buf: Uint8Array, opts?: DecodeOptions<EvidenceNoticeMessage>): EvidenceNoticeMessage {
    return decodeMessage(buf, EvidenceNoticeMessage.codec(), opts)
  }

  return { codec, encode, decode }
})()

export interface CosignatureNoticeMessage {
  checkpoint: Uint8Array
}

export const CosignatureNoticeMessage: MessageCodec<CosignatureNoticeMessage> = (() => {
  let _codec: Codec<CosignatureNoticeMessage>

  const codec = (): Codec<CosignatureNoticeMessage> => {
    if (_codec == null) {
      _codec = message<CosignatureNoticeMessage>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.checkpoint != null && obj.checkpoint.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.checkpoint)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          checkpoint: new Uint8Array(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.checkpoint = reader.bytes()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.checkpoint`,
                value: reader.bytes()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }


  function encode (obj: Partial<CosignatureNoticeMessage>): Uint8Array {
    return encodeMessage(obj, CosignatureNoticeMessage.codec())
  }

  function decode (buf: Uint8Array, opts?: DecodeOptions<CosignatureNoticeMessage>): CosignatureNoticeMessage {
    return decodeMessage(buf, CosignatureNoticeMessage.codec(), opts)
  }

  return { codec, encode, decode }
})()

export interface DomainNoticeMessage {
  domain: Uint8Array
  root: number
  targets: number
  delegated: number
  split: boolean
  peer: string
}

export const DomainNoticeMessage: MessageCodec<DomainNoticeMessage> = (() => {
  let _codec: Codec<DomainNoticeMessage>

  const codec = (): Codec<DomainNoticeMessage> => {
    if (_codec == null) {
      _codec = message<DomainNoticeMessage>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.domain != null && obj.domain.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.domain)
        }

        if ((obj.root != null && obj.root !== 0)) {
          w.uint32(16)
          w.uint32(obj.root)
        }

        if ((obj.targets != null && obj.targets !== 0)) {
          w.uint32(24)
          w.uint32(obj.targets)
        }

        if ((obj.delegated != null && obj.delegated !== 0)) {
          w.uint32(32)
          w.uint64Number(obj.delegated)
        }

        if ((obj.split != null && obj.split !== false)) {
          w.uint32(40)
          w.bool(obj.split)
        }

        if ((obj.peer != null && obj.peer !== '')) {
          w.uint32(50)
          w.string(obj.peer)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          domain: new Uint8Array(0),
          root: 0,
          targets: 0,
          delegated: 0,
          split: false,
          peer: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.domain = reader.bytes()
              break
            }
            case 2: {
              obj.root = reader.uint32()
              break
            }
            case 3: {
              obj.targets = reader.uint32()
              break
            }
            case 4: {
              obj.delegated = reader.uint64Number()
              break
            }
            case 5: {
              obj.split = reader.bool()
              break
            }
            case 6: {
              obj.peer = reader.string()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.domain`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.root`,
                value: reader.uint32()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.targets`,
                value: reader.uint32()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.delegated`,
                value: reader.uint64Number()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.split`,
                value: reader.bool()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.peer`,
                value: reader.string()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }







  function encode (obj: Partial<DomainNoticeMessage>): Uint8Array {
    return encodeMessage(obj, DomainNoticeMessage.codec())
  }

  function decode (buf: Uint8Array, opts?: DecodeOptions<DomainNoticeMessage>): DomainNoticeMessage {
    return decodeMessage(buf, DomainNoticeMessage.codec(), opts)
  }

  return { codec, encode, decode }
})()

export interface HeadsWanted {
  after: string
  known: Uint8Array
}

export const HeadsWanted: MessageCodec<HeadsWanted> = (() => {
  let _codec: Codec<HeadsWanted>

  const codec = (): Codec<HeadsWanted> => {
    if (_codec == null) {
      _codec = message<HeadsWanted>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.after != null && obj.after !== '')) {
          w.uint32(10)
          w.string(obj.after)
        }

        if ((obj.known != null && obj.known.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.known)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          after: '',
          known: new Uint8Array(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.after = reader.string()
              break
            }
            case 2: {
              obj.known = reader.bytes()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.after`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.known`,
                value: reader.bytes()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }



  function encode (obj: Partial<HeadsWanted>): Uint8Array {
    return encodeMessage(obj, HeadsWanted.codec())
  }

  function decode (buf: Uint8Array, opts?: DecodeOptions<HeadsWanted>): HeadsWanted {
    return decodeMessage(buf, HeadsWanted.codec(), opts)
  }

  return { codec, encode, decode }
})()

export interface EntriesWanted {
  origin: string
  from: number
  count: number
}

export const EntriesWanted: MessageCodec<EntriesWanted> = (() => {
  let _codec: Codec<EntriesWanted>

  const codec = (): Codec<EntriesWanted> => {
    if (_codec == null) {
      _codec = message<EntriesWanted>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.origin != null && obj.origin !== '')) {
          w.uint32(10)
          w.string(obj.origin)
        }

        if ((obj.from != null && obj.from !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.from)
        }

        if ((obj.count != null && obj.count !== 0)) {
          w.uint32(24)
          w.uint32(obj.count)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          origin: '',
          from: 0,
          count: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.origin = reader.string()
              break
            }
            case 2: {
              obj.from = reader.uint64Number()
              break
            }
            case 3: {
              obj.count = reader.uint32()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.origin`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.from`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.count`,
                value: reader.uint32()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }




  function encode (obj: Partial<EntriesWanted>): Uint8Array {
    return encodeMessage(obj, EntriesWanted.codec())
  }

  function decode (buf: Uint8Array, opts?: DecodeOptions<EntriesWanted>): EntriesWanted {
    return decodeMessage(buf, EntriesWanted.codec(), opts)
  }

  return { codec, encode, decode }
})()

export interface TileWanted {
  level: number
  index: number
  width: number
}

export const TileWanted: MessageCodec<TileWanted> = (() => {
  let _codec: Codec<TileWanted>

  const codec = (): Codec<TileWanted> => {
    if (_codec == null) {
      _codec = message<TileWanted>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.level != null && obj.level !== 0)) {
          w.uint32(8)
          w.uint32(obj.level)
        }

        if ((obj.index != null && obj.index !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.index)
        }

        if ((obj.width != null && obj.width !== 0)) {
          w.uint32(24)
          w.uint32(obj.width)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          level: 0,
          index: 0,
          width: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.level = reader.uint32()
              break
            }
            case 2: {
              obj.index = reader.uint64Number()
              break
            }
            case 3: {
              obj.width = reader.uint32()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.level`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.index`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.width`,
                value: reader.uint32()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }




  function encode (obj: Partial<TileWanted>): Uint8Array {
    return encodeMessage(obj, TileWanted.codec())
  }

  function decode (buf: Uint8Array, opts?: DecodeOptions<TileWanted>): TileWanted {
    return decodeMessage(buf, TileWanted.codec(), opts)
  }

  return { codec, encode, decode }
})()

export interface TilesWanted {
  origin: string
  tiles: TileWanted[]
}

export const TilesWanted: MessageCodec<TilesWanted> = (() => {
  let _codec: Codec<TilesWanted>

  const codec = (): Codec<TilesWanted> => {
    if (_codec == null) {
      _codec = message<TilesWanted>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.origin != null && obj.origin !== '')) {
          w.uint32(10)
          w.string(obj.origin)
        }

        if (obj.tiles != null && obj.tiles.length > 0) {
          for (const value of obj.tiles) {
            w.uint32(18)
            TileWanted.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          origin: '',
          tiles: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.origin = reader.string()
              break
            }
            case 2: {
              if (opts.limits?.tiles != null && obj.tiles.length === opts.limits.tiles) {
                throw new MaxLengthError('Decode error - repeated field "tiles" had too many elements')
              }

              obj.tiles.push(TileWanted.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.tiles$
              }))
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const obj = {
          tiles: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.origin`,
                value: reader.string()
              }
              break
            }
            case 2: {
              if (opts.limits?.tiles != null && obj.tiles === opts.limits.tiles) {
                throw new MaxLengthError('Streaming decode error - repeated field "tiles" had too many elements')
              }

              for (const evt of TileWanted.codec().stream(reader, reader.uint32(), `${prefix}.tiles[]`, {
                limits: opts.limits?.tiles$
              })) {
                yield {
                  ...evt,
                  index: obj.tiles
                }
              }

              obj.tiles++

              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }





  function encode (obj: Partial<TilesWanted>): Uint8Array {
    return encodeMessage(obj, TilesWanted.codec())
  }

  function decode (buf: Uint8Array, opts?: DecodeOptions<TilesWanted>): TilesWanted {
    return decodeMessage(buf, TilesWanted.codec(), opts)
  }

  return { codec, encode, decode }
})()

export interface ConsistencyWanted {
  origin: string
  from: number
  to: number
}

export const ConsistencyWanted: MessageCodec<ConsistencyWanted> = (() => {
  let _codec: Codec<ConsistencyWanted>

  const codec = (): Codec<ConsistencyWanted> => {
    if (_codec == null) {
      _codec = message<ConsistencyWanted>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.origin != null && obj.origin !== '')) {
          w.uint32(10)
          w.string(obj.origin)
        }

        if ((obj.from != null && obj.from !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.from)
        }

        if ((obj.to != null && obj.to !== 0)) {
          w.uint32(24)
          w.uint64Number(obj.to)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          origin: '',
          from: 0,
          to: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.origin = reader.string()
              break
            }
            case 2: {
              obj.from = reader.uint64Number()
              break
            }
            case 3: {
              obj.to = reader.uint64Number()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.origin`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.from`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.to`,
                value: reader.uint64Number()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }




  function encode (obj: Partial<ConsistencyWanted>): Uint8Array {
    return encodeMessage(obj, ConsistencyWanted.codec())
  }

  function decode (buf: Uint8Array, opts?: DecodeOptions<ConsistencyWanted>): ConsistencyWanted {
    return decodeMessage(buf, ConsistencyWanted.codec(), opts)
  }

  return { codec, encode, decode }
})()

export interface EvidenceWanted {
  origin: string
  id: Uint8Array
}

export const EvidenceWanted: MessageCodec<EvidenceWanted> = (() => {
  let _codec: Codec<EvidenceWanted>

  const codec = (): Codec<EvidenceWanted> => {
    if (_codec == null) {
      _codec = message<EvidenceWanted>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.origin != null && obj.origin !== '')) {
          w.uint32(10)
          w.string(obj.origin)
        }

        if ((obj.id != null && obj.id.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.id)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          origin: '',
          id: new Uint8Array(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.origin = reader.string()
              break
            }
            case 2: {
              obj.id = reader.bytes()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.origin`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.id`,
                value: reader.bytes()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }



  function encode (obj: Partial<EvidenceWanted>): Uint8Array {
    return encodeMessage(obj, EvidenceWanted.codec())
  }

  function decode (buf: Uint8Array, opts?: DecodeOptions<EvidenceWanted>): EvidenceWanted {
    return decodeMessage(buf, EvidenceWanted.codec(), opts)
  }

  return { codec, encode, decode }
})()

export interface DomainWanted {
  domain: Uint8Array
  path: string
  from: number
}

export const DomainWanted: MessageCodec<DomainWanted> = (() => {
  let _codec: Codec<DomainWanted>

  const codec = (): Codec<DomainWanted> => {
    if (_codec == null) {
      _codec = message<DomainWanted>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.domain != null && obj.domain.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.domain)
        }

        if ((obj.path != null && obj.path !== '')) {
          w.uint32(18)
          w.string(obj.path)
        }

        if ((obj.from != null && obj.from !== 0)) {
          w.uint32(24)
          w.uint64Number(obj.from)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          domain: new Uint8Array(0),
          path: '',
          from: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.domain = reader.bytes()
              break
            }
            case 2: {
              obj.path = reader.string()
              break
            }
            case 3: {
              obj.from = reader.uint64Number()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.domain`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.path`,
                value: reader.string()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.from`,
                value: reader.uint64Number()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }




  function encode (obj: Partial<DomainWanted>): Uint8Array {
    return encodeMessage(obj, DomainWanted.codec())
  }

  function decode (buf: Uint8Array, opts?: DecodeOptions<DomainWanted>): DomainWanted {
    return decodeMessage(buf, DomainWanted.codec(), opts)
  }

  return { codec, encode, decode }
})()

export interface TilesRequestMessage {
  heads?: HeadsWanted
  entries?: EntriesWanted
  tiles?: TilesWanted
  consistency?: ConsistencyWanted
  evidence?: EvidenceWanted
  domain?: DomainWanted
}

export const TilesRequestMessage: MessageCodec<TilesRequestMessage> = (() => {
  let _codec: Codec<TilesRequestMessage>

  const codec = (): Codec<TilesRequestMessage> => {
    if (_codec == null) {
      _codec = message<TilesRequestMessage>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.heads != null) {
          w.uint32(10)
          HeadsWanted.codec().encode(obj.heads, w)
        }

        if (obj.entries != null) {
          w.uint32(18)
          EntriesWanted.codec().encode(obj.entries, w)
        }

        if (obj.tiles != null) {
          w.uint32(26)
          TilesWanted.codec().encode(obj.tiles, w)
        }

        if (obj.consistency != null) {
          w.uint32(34)
          ConsistencyWanted.codec().encode(obj.consistency, w)
        }

        if (obj.evidence != null) {
          w.uint32(42)
          EvidenceWanted.codec().encode(obj.evidence, w)
        }

        if (obj.domain != null) {
          w.uint32(50)
          DomainWanted.codec().encode(obj.domain, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {}

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.heads = HeadsWanted.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.heads
              })
              break
            }
            case 2: {
              obj.entries = EntriesWanted.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.entries
              })
              break
            }
            case 3: {
              obj.tiles = TilesWanted.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.tiles
              })
              break
            }
            case 4: {
              obj.consistency = ConsistencyWanted.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.consistency
              })
              break
            }
            case 5: {
              obj.evidence = EvidenceWanted.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.evidence
              })
              break
            }
            case 6: {
              obj.domain = DomainWanted.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.domain
              })
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield * HeadsWanted.codec().stream(reader, reader.uint32(), `${prefix}.heads`, {
                limits: opts.limits?.heads
              })

              break
            }
            case 2: {
              yield * EntriesWanted.codec().stream(reader, reader.uint32(), `${prefix}.entries`, {
                limits: opts.limits?.entries
              })

              break
            }
            case 3: {
              yield * TilesWanted.codec().stream(reader, reader.uint32(), `${prefix}.tiles`, {
                limits: opts.limits?.tiles
              })

              break
            }
            case 4: {
              yield * ConsistencyWanted.codec().stream(reader, reader.uint32(), `${prefix}.consistency`, {
                limits: opts.limits?.consistency
              })

              break
            }
            case 5: {
              yield * EvidenceWanted.codec().stream(reader, reader.uint32(), `${prefix}.evidence`, {
                limits: opts.limits?.evidence
              })

              break
            }
            case 6: {
              yield * DomainWanted.codec().stream(reader, reader.uint32(), `${prefix}.domain`, {
                limits: opts.limits?.domain
              })

              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }


















  function encode (obj: Partial<TilesRequestMessage>): Uint8Array {
    return encodeMessage(obj, TilesRequestMessage.codec())
  }

  function decode (buf: Uint8Array, opts?: DecodeOptions<TilesRequestMessage>): TilesRequestMessage {
    return decodeMessage(buf, TilesRequestMessage.codec(), opts)
  }

  return { codec, encode, decode }
})()

export interface TilesAnswerMessage {
  blobs: Uint8Array[]
  next: number
  code: string
  same: Uint8Array
}

export const TilesAnswerMessage: MessageCodec<TilesAnswerMessage> = (() => {
  let _codec: Codec<TilesAnswerMessage>

  const codec = (): Codec<TilesAnswerMessage> => {
    if (_codec == null) {
      _codec = message<TilesAnswerMessage>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.blobs != null && obj.blobs.length > 0) {
          for (const value of obj.blobs) {
            w.uint32(10)
            w.bytes(value)
          }
        }

        if ((obj.next != null && obj.next !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.next)
        }

        if ((obj.code != null && obj.code !== '')) {
          w.uint32(26)
          w.string(obj.code)
        }

        if ((obj.same != null && obj.same.byteLength > 0)) {
          w.uint32(34)
          w.bytes(obj.same)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          blobs: [],
          next: 0,
          code: '',
          same: new Uint8Array(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.blobs != null && obj.blobs.length === opts.limits.blobs) {
                throw new MaxLengthError('Decode error - repeated field "blobs" had too many elements')
              }

              obj.blobs.push(reader.bytes())
              break
            }
            case 2: {
              obj.next = reader.uint64Number()
              break
            }
            case 3: {
              obj.code = reader.string()
              break
            }
            case 4: {
              obj.same = reader.bytes()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const obj = {
          blobs: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.blobs != null && obj.blobs === opts.limits.blobs) {
                throw new MaxLengthError('Streaming decode error - repeated field "blobs" had too many elements')
              }

              yield {
                field: `${prefix}.blobs[]`,
                index: obj.blobs,
                value: reader.bytes()
              }

              obj.blobs++

              break
            }
            case 2: {
              yield {
                field: `${prefix}.next`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.code`,
                value: reader.string()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.same`,
                value: reader.bytes()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }





  function encode (obj: Partial<TilesAnswerMessage>): Uint8Array {
    return encodeMessage(obj, TilesAnswerMessage.codec())
  }

  function decode (buf: Uint8Array, opts?: DecodeOptions<TilesAnswerMessage>): TilesAnswerMessage {
    return decodeMessage(buf, TilesAnswerMessage.codec(), opts)
  }

  return { codec, encode, decode }
})()

export interface QueryRequestMessage {
  targets: Uint8Array[]
  digests: Uint8Array[]
  builders: Uint8Array[]
  page: Uint8Array
  since: number[]
}

export const QueryRequestMessage: MessageCodec<QueryRequestMessage> = (() => {
  let _codec: Codec<QueryRequestMessage>

  const codec = (): Codec<QueryRequestMessage> => {
    if (_codec == null) {
      _codec = message<QueryRequestMessage>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.targets != null && obj.targets.length > 0) {
          for (const value of obj.targets) {
            w.uint32(10)
            w.bytes(value)
          }
        }

        if (obj.digests != null && obj.digests.length > 0) {
          for (const value of obj.digests) {
            w.uint32(18)
            w.bytes(value)
          }
        }

        if (obj.builders != null && obj.builders.length > 0) {
          for (const value of obj.builders) {
            w.uint32(26)
            w.bytes(value)
          }
        }

        if ((obj.page != null && obj.page.byteLength > 0)) {
          w.uint32(34)
          w.bytes(obj.page)
        }

        if (obj.since != null && obj.since.length > 0) {
          for (const value of obj.since) {
            w.uint32(40)
            w.uint64Number(value)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          targets: [],
          digests: [],
          builders: [],
          page: new Uint8Array(0),
          since: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.targets != null && obj.targets.length === opts.limits.targets) {
                throw new MaxLengthError('Decode error - repeated field "targets" had too many elements')
              }

              obj.targets.push(reader.bytes())
              break
            }
            case 2: {
              if (opts.limits?.digests != null && obj.digests.length === opts.limits.digests) {
                throw new MaxLengthError('Decode error - repeated field "digests" had too many elements')
              }

              obj.digests.push(reader.bytes())
              break
            }
            case 3: {
              if (opts.limits?.builders != null && obj.builders.length === opts.limits.builders) {
                throw new MaxLengthError('Decode error - repeated field "builders" had too many elements')
              }

              obj.builders.push(reader.bytes())
              break
            }
            case 4: {
              obj.page = reader.bytes()
              break
            }
            case 5: {
              if (opts.limits?.since != null && obj.since.length === opts.limits.since) {
                throw new MaxLengthError('Decode error - repeated field "since" had too many elements')
              }

              obj.since.push(reader.uint64Number())
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const obj = {
          targets: 0,
          digests: 0,
          builders: 0,
          since: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.targets != null && obj.targets === opts.limits.targets) {
                throw new MaxLengthError('Streaming decode error - repeated field "targets" had too many elements')
              }

              yield {
                field: `${prefix}.targets[]`,
                index: obj.targets,
                value: reader.bytes()
              }

              obj.targets++

              break
            }
            case 2: {
              if (opts.limits?.digests != null && obj.digests === opts.limits.digests) {
                throw new MaxLengthError('Streaming decode error - repeated field "digests" had too many elements')
              }

              yield {
                field: `${prefix}.digests[]`,
                index: obj.digests,
                value: reader.bytes()
              }

              obj.digests++

              break
            }
            case 3: {
              if (opts.limits?.builders != null && obj.builders === opts.limits.builders) {
                throw new MaxLengthError('Streaming decode error - repeated field "builders" had too many elements')
              }

              yield {
                field: `${prefix}.builders[]`,
                index: obj.builders,
                value: reader.bytes()
              }

              obj.builders++

              break
            }
            case 4: {
              yield {
                field: `${prefix}.page`,
                value: reader.bytes()
              }
              break
            }
            case 5: {
              if (opts.limits?.since != null && obj.since === opts.limits.since) {
                throw new MaxLengthError('Streaming decode error - repeated field "since" had too many elements')
              }

              yield {
                field: `${prefix}.since[]`,
                index: obj.since,
                value: reader.uint64Number()
              }

              obj.since++

              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }






  function encode (obj: Partial<QueryRequestMessage>): Uint8Array {
    return encodeMessage(obj, QueryRequestMessage.codec())
  }

  function decode (buf: Uint8Array, opts?: DecodeOptions<QueryRequestMessage>): QueryRequestMessage {
    return decodeMessage(buf, QueryRequestMessage.codec(), opts)
  }

  return { codec, encode, decode }
})()

export interface FoundMessage {
  entry: Uint8Array
  signer: Uint8Array
  index: number
  path: Uint8Array[]
  checkpoint: number
}

export const FoundMessage: MessageCodec<FoundMessage> = (() => {
  let _codec: Codec<FoundMessage>

  const codec = (): Codec<FoundMessage> => {
    if (_codec == null) {
      _codec = message<FoundMessage>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.entry != null && obj.entry.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.entry)
        }

        if ((obj.signer != null && obj.signer.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.signer)
        }

        if ((obj.index != null && obj.index !== 0)) {
          w.uint32(24)
          w.uint64Number(obj.index)
        }

        if (obj.path != null && obj.path.length > 0) {
          for (const value of obj.path) {
            w.uint32(34)
            w.bytes(value)
          }
        }

        if ((obj.checkpoint != null && obj.checkpoint !== 0)) {
          w.uint32(40)
          w.uint32(obj.checkpoint)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          entry: new Uint8Array(0),
          signer: new Uint8Array(0),
          index: 0,
          path: [],
          checkpoint: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.entry = reader.bytes()
              break
            }
            case 2: {
              obj.signer = reader.bytes()
              break
            }
            case 3: {
              obj.index = reader.uint64Number()
              break
            }
            case 4: {
              if (opts.limits?.path != null && obj.path.length === opts.limits.path) {
                throw new MaxLengthError('Decode error - repeated field "path" had too many elements')
              }

              obj.path.push(reader.bytes())
              break
            }
            case 5: {
              obj.checkpoint = reader.uint32()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const obj = {
          path: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.entry`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.signer`,
                value: reader.bytes()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.index`,
                value: reader.uint64Number()
              }
              break
            }
            case 4: {
              if (opts.limits?.path != null && obj.path === opts.limits.path) {
                throw new MaxLengthError('Streaming decode error - repeated field "path" had too many elements')
              }

              yield {
                field: `${prefix}.path[]`,
                index: obj.path,
                value: reader.bytes()
              }

              obj.path++

              break
            }
            case 5: {
              yield {
                field: `${prefix}.checkpoint`,
                value: reader.uint32()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }






  function encode (obj: Partial<FoundMessage>): Uint8Array {
    return encodeMessage(obj, FoundMessage.codec())
  }

  function decode (buf: Uint8Array, opts?: DecodeOptions<FoundMessage>): FoundMessage {
    return decodeMessage(buf, FoundMessage.codec(), opts)
  }

  return { codec, encode, decode }
})()

export interface JoinMessage {
  small: number
  large: number
  proof: Uint8Array[]
}

export const JoinMessage: MessageCodec<JoinMessage> = (() => {
  let _codec: Codec<JoinMessage>

  const codec = (): Codec<JoinMessage> => {
    if (_codec == null) {
      _codec = message<JoinMessage>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.small != null && obj.small !== 0)) {
          w.uint32(8)
          w.uint32(obj.small)
        }

        if ((obj.large != null && obj.large !== 0)) {
          w.uint32(16)
          w.uint32(obj.large)
        }

        if (obj.proof != null && obj.proof.length > 0) {
          for (const value of obj.proof) {
            w.uint32(26)
            w.bytes(value)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          small: 0,
          large: 0,
          proof: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.small = reader.uint32()
              break
            }
            case 2: {
              obj.large = reader.uint32()
              break
            }
            case 3: {
              if (opts.limits?.proof != null && obj.proof.length === opts.limits.proof) {
                throw new MaxLengthError('Decode error - repeated field "proof" had too many elements')
              }

              obj.proof.push(reader.bytes())
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const obj = {
          proof: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.small`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.large`,
                value: reader.uint32()
              }
              break
            }
            case 3: {
              if (opts.limits?.proof != null && obj.proof === opts.limits.proof) {
                throw new MaxLengthError('Streaming decode error - repeated field "proof" had too many elements')
              }

              yield {
                field: `${prefix}.proof[]`,
                index: obj.proof,
                value: reader.bytes()
              }

              obj.proof++

              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }




  function encode (obj: Partial<JoinMessage>): Uint8Array {
    return encodeMessage(obj, JoinMessage.codec())
  }

  function decode (buf: Uint8Array, opts?: DecodeOptions<JoinMessage>): JoinMessage {
    return decodeMessage(buf, JoinMessage.codec(), opts)
  }

  return { codec, encode, decode }
})()

export interface QueryAnswerMessage {
  found: FoundMessage[]
  checkpoints: Uint8Array[]
  next: Uint8Array
  code: string
  cosigned: Uint8Array[]
  joins: JoinMessage[]
}

export const QueryAnswerMessage: MessageCodec<QueryAnswerMessage> = (() => {
  let _codec: Codec<QueryAnswerMessage>

  const codec = (): Codec<QueryAnswerMessage> => {
    if (_codec == null) {
      _codec = message<QueryAnswerMessage>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.found != null && obj.found.length > 0) {
          for (const value of obj.found) {
            w.uint32(10)
            FoundMessage.codec().encode(value, w)
          }
        }

        if (obj.checkpoints != null && obj.checkpoints.length > 0) {
          for (const value of obj.checkpoints) {
            w.uint32(18)
            w.bytes(value)
          }
        }

        if ((obj.next != null && obj.next.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.next)
        }

        if ((obj.code != null && obj.code !== '')) {
          w.uint32(34)
          w.string(obj.code)
        }

        if (obj.cosigned != null && obj.cosigned.length > 0) {
          for (const value of obj.cosigned) {
            w.uint32(42)
            w.bytes(value)
          }
        }

        if (obj.joins != null && obj.joins.length > 0) {
          for (const value of obj.joins) {
            w.uint32(50)
            JoinMessage.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          found: [],
          checkpoints: [],
          next: new Uint8Array(0),
          code: '',
          cosigned: [],
          joins: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.found != null && obj.found.length === opts.limits.found) {
                throw new MaxLengthError('Decode error - repeated field "found" had too many elements')
              }

              obj.found.push(FoundMessage.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.found$
              }))
              break
            }
            case 2: {
              if (opts.limits?.checkpoints != null && obj.checkpoints.length === opts.limits.checkpoints) {
                throw new MaxLengthError('Decode error - repeated field "checkpoints" had too many elements')
              }

              obj.checkpoints.push(reader.bytes())
              break
            }
            case 3: {
              obj.next = reader.bytes()
              break
            }
            case 4: {
              obj.code = reader.string()
              break
            }
            case 5: {
              if (opts.limits?.cosigned != null && obj.cosigned.length === opts.limits.cosigned) {
                throw new MaxLengthError('Decode error - repeated field "cosigned" had too many elements')
              }

              obj.cosigned.push(reader.bytes())
              break
            }
            case 6: {
              if (opts.limits?.joins != null && obj.joins.length === opts.limits.joins) {
                throw new MaxLengthError('Decode error - repeated field "joins" had too many elements')
              }

              obj.joins.push(JoinMessage.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.joins$
              }))
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const obj = {
          found: 0,
          checkpoints: 0,
          cosigned: 0,
          joins: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.found != null && obj.found === opts.limits.found) {
                throw new MaxLengthError('Streaming decode error - repeated field "found" had too many elements')
              }

              for (const evt of FoundMessage.codec().stream(reader, reader.uint32(), `${prefix}.found[]`, {
                limits: opts.limits?.found$
              })) {
                yield {
                  ...evt,
                  index: obj.found
                }
              }

              obj.found++

              break
            }
            case 2: {
              if (opts.limits?.checkpoints != null && obj.checkpoints === opts.limits.checkpoints) {
                throw new MaxLengthError('Streaming decode error - repeated field "checkpoints" had too many elements')
              }

              yield {
                field: `${prefix}.checkpoints[]`,
                index: obj.checkpoints,
                value: reader.bytes()
              }

              obj.checkpoints++

              break
            }
            case 3: {
              yield {
                field: `${prefix}.next`,
                value: reader.bytes()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.code`,
                value: reader.string()
              }
              break
            }
            case 5: {
              if (opts.limits?.cosigned != null && obj.cosigned === opts.limits.cosigned) {
                throw new MaxLengthError('Streaming decode error - repeated field "cosigned" had too many elements')
              }

              yield {
                field: `${prefix}.cosigned[]`,
                index: obj.cosigned,
                value: reader.bytes()
              }

              obj.cosigned++

              break
            }
            case 6: {
              if (opts.limits?.joins != null && obj.joins === opts.limits.joins) {
                throw new MaxLengthError('Streaming decode error - repeated field "joins" had too many elements')
              }

              for (const evt of JoinMessage.codec().stream(reader, reader.uint32(), `${prefix}.joins[]`, {
                limits: opts.limits?.joins$
              })) {
                yield {
                  ...evt,
                  index: obj.joins
                }
              }

              obj.joins++

              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }













  function encode (obj: Partial<QueryAnswerMessage>): Uint8Array {
    return encodeMessage(obj, QueryAnswerMessage.codec())
  }

  function decode (buf: Uint8Array, opts?: DecodeOptions<QueryAnswerMessage>): QueryAnswerMessage {
    return decodeMessage(buf, QueryAnswerMessage.codec(), opts)
  }

  return { codec, encode, decode }
})()

export interface RecordMessage {
  slot: Uint8Array
  envelope: Uint8Array
  signer: Uint8Array
  origin: string
  index: number
  path: Uint8Array[]
  checkpoint: Uint8Array
}

export const RecordMessage: MessageCodec<RecordMessage> = (() => {
  let _codec: Codec<RecordMessage>

  const codec = (): Codec<RecordMessage> => {
    if (_codec == null) {
      _codec = message<RecordMessage>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.slot != null && obj.slot.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.slot)
        }

        if ((obj.envelope != null && obj.envelope.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.envelope)
        }

        if ((obj.signer != null && obj.signer.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.signer)
        }

        if ((obj.origin != null && obj.origin !== '')) {
          w.uint32(34)
          w.string(obj.origin)
        }

        if ((obj.index != null && obj.index !== 0)) {
          w.uint32(40)
          w.uint64Number(obj.index)
        }

        if (obj.path != null && obj.path.length > 0) {
          for (const value of obj.path) {
            w.uint32(50)
            w.bytes(value)
          }
        }

        if ((obj.checkpoint != null && obj.checkpoint.byteLength > 0)) {
          w.uint32(58)
          w.bytes(obj.checkpoint)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          slot: new Uint8Array(0),
          envelope: new Uint8Array(0),
          signer: new Uint8Array(0),
          origin: '',
          index: 0,
          path: [],
          checkpoint: new Uint8Array(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.slot = reader.bytes()
              break
            }
            case 2: {
              obj.envelope = reader.bytes()
              break
            }
            case 3: {
              obj.signer = reader.bytes()
              break
            }
            case 4: {
              obj.origin = reader.string()
              break
            }
            case 5: {
              obj.index = reader.uint64Number()
              break
            }
            case 6: {
              if (opts.limits?.path != null && obj.path.length === opts.limits.path) {
                throw new MaxLengthError('Decode error - repeated field "path" had too many elements')
              }

              obj.path.push(reader.bytes())
              break
            }
            case 7: {
              obj.checkpoint = reader.bytes()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const obj = {
          path: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.slot`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.envelope`,
                value: reader.bytes()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.signer`,
                value: reader.bytes()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.origin`,
                value: reader.string()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.index`,
                value: reader.uint64Number()
              }
              break
            }
            case 6: {
              if (opts.limits?.path != null && obj.path === opts.limits.path) {
                throw new MaxLengthError('Streaming decode error - repeated field "path" had too many elements')
              }

              yield {
                field: `${prefix}.path[]`,
                index: obj.path,
                value: reader.bytes()
              }

              obj.path++

              break
            }
            case 7: {
              yield {
                field: `${prefix}.checkpoint`,
                value: reader.bytes()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }








  function encode (obj: Partial<RecordMessage>): Uint8Array {
    return encodeMessage(obj, RecordMessage.codec())
  }

  function decode (buf: Uint8Array, opts?: DecodeOptions<RecordMessage>): RecordMessage {
    return decodeMessage(buf, RecordMessage.codec(), opts)
  }

  return { codec, encode, decode }
})()

export interface StoreWanted {
  records: RecordMessage[]
}

export const StoreWanted: MessageCodec<StoreWanted> = (() => {
  let _codec: Codec<StoreWanted>

  const codec = (): Codec<StoreWanted> => {
    if (_codec == null) {
      _codec = message<StoreWanted>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.records != null && obj.records.length > 0) {
          for (const value of obj.records) {
            w.uint32(10)
            RecordMessage.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          records: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.records != null && obj.records.length === opts.limits.records) {
                throw new MaxLengthError('Decode error - repeated field "records" had too many elements')
              }

              obj.records.push(RecordMessage.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.records$
              }))
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const obj = {
          records: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.records != null && obj.records === opts.limits.records) {
                throw new MaxLengthError('Streaming decode error - repeated field "records" had too many elements')
              }

              for (const evt of RecordMessage.codec().stream(reader, reader.uint32(), `${prefix}.records[]`, {
                limits: opts.limits?.records$
              })) {
                yield {
                  ...evt,
                  index: obj.records
                }
              }

              obj.records++

              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }








  function encode (obj: Partial<StoreWanted>): Uint8Array {
    return encodeMessage(obj, StoreWanted.codec())
  }

  function decode (buf: Uint8Array, opts?: DecodeOptions<StoreWanted>): StoreWanted {
    return decodeMessage(buf, StoreWanted.codec(), opts)
  }

  return { codec, encode, decode }
})()

export interface FindWanted {
  keys: Uint8Array[]
  builders: Uint8Array[]
  page: Uint8Array
}

export const FindWanted: MessageCodec<FindWanted> = (() => {
  let _codec: Codec<FindWanted>

  const codec = (): Codec<FindWanted> => {
    if (_codec == null) {
      _codec = message<FindWanted>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.keys != null && obj.keys.length > 0) {
          for (const value of obj.keys) {
            w.uint32(10)
            w.bytes(value)
          }
        }

        if (obj.builders != null && obj.builders.length > 0) {
          for (const value of obj.builders) {
            w.uint32(18)
            w.bytes(value)
          }
        }

        if ((obj.page != null && obj.page.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.page)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          keys: [],
          builders: [],
          page: new Uint8Array(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.keys != null && obj.keys.length === opts.limits.keys) {
                throw new MaxLengthError('Decode error - repeated field "keys" had too many elements')
              }

              obj.keys.push(reader.bytes())
              break
            }
            case 2: {
              if (opts.limits?.builders != null && obj.builders.length === opts.limits.builders) {
                throw new MaxLengthError('Decode error - repeated field "builders" had too many elements')
              }

              obj.builders.push(reader.bytes())
              break
            }
            case 3: {
              obj.page = reader.bytes()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const obj = {
          keys: 0,
          builders: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.keys != null && obj.keys === opts.limits.keys) {
                throw new MaxLengthError('Streaming decode error - repeated field "keys" had too many elements')
              }

              yield {
                field: `${prefix}.keys[]`,
                index: obj.keys,
                value: reader.bytes()
              }

              obj.keys++

              break
            }
            case 2: {
              if (opts.limits?.builders != null && obj.builders === opts.limits.builders) {
                throw new MaxLengthError('Streaming decode error - repeated field "builders" had too many elements')
              }

              yield {
                field: `${prefix}.builders[]`,
                index: obj.builders,
                value: reader.bytes()
              }

              obj.builders++

              break
            }
            case 3: {
              yield {
                field: `${prefix}.page`,
                value: reader.bytes()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }




  function encode (obj: Partial<FindWanted>): Uint8Array {
    return encodeMessage(obj, FindWanted.codec())
  }

  function decode (buf: Uint8Array, opts?: DecodeOptions<FindWanted>): FindWanted {
    return decodeMessage(buf, FindWanted.codec(), opts)
  }

  return { codec, encode, decode }
})()

export interface RecordsRequestMessage {
  store?: StoreWanted
  find?: FindWanted
}

export const RecordsRequestMessage: MessageCodec<RecordsRequestMessage> = (() => {
  let _codec: Codec<RecordsRequestMessage>

  const codec = (): Codec<RecordsRequestMessage> => {
    if (_codec == null) {
      _codec = message<RecordsRequestMessage>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.store != null) {
          w.uint32(10)
          StoreWanted.codec().encode(obj.store, w)
        }

        if (obj.find != null) {
          w.uint32(18)
          FindWanted.codec().encode(obj.find, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {}

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.store = StoreWanted.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.store
              })
              break
            }
            case 2: {
              obj.find = FindWanted.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.find
              })
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield * StoreWanted.codec().stream(reader, reader.uint32(), `${prefix}.store`, {
                limits: opts.limits?.store
              })

              break
            }
            case 2: {
              yield * FindWanted.codec().stream(reader, reader.uint32(), `${prefix}.find`, {
                limits: opts.limits?.find
              })

              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }











  function encode (obj: Partial<RecordsRequestMessage>): Uint8Array {
    return encodeMessage(obj, RecordsRequestMessage.codec())
  }

  function decode (buf: Uint8Array, opts?: DecodeOptions<RecordsRequestMessage>): RecordsRequestMessage {
    return decodeMessage(buf, RecordsRequestMessage.codec(), opts)
  }

  return { codec, encode, decode }
})()

export interface RecordsAnswerMessage {
  stored: Uint8Array
  records: RecordMessage[]
  next: Uint8Array
  code: string
}

export const RecordsAnswerMessage: MessageCodec<RecordsAnswerMessage> = (() => {
  let _codec: Codec<RecordsAnswerMessage>

  const codec = (): Codec<RecordsAnswerMessage> => {
    if (_codec == null) {
      _codec = message<RecordsAnswerMessage>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.stored != null && obj.stored.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.stored)
        }

        if (obj.records != null && obj.records.length > 0) {
          for (const value of obj.records) {
            w.uint32(18)
            RecordMessage.codec().encode(value, w)
          }
        }

        if ((obj.next != null && obj.next.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.next)
        }

        if ((obj.code != null && obj.code !== '')) {
          w.uint32(34)
          w.string(obj.code)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          stored: new Uint8Array(0),
          records: [],
          next: new Uint8Array(0),
          code: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.stored = reader.bytes()
              break
            }
            case 2: {
              if (opts.limits?.records != null && obj.records.length === opts.limits.records) {
                throw new MaxLengthError('Decode error - repeated field "records" had too many elements')
              }

              obj.records.push(RecordMessage.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.records$
              }))
              break
            }
            case 3: {
              obj.next = reader.bytes()
              break
            }
            case 4: {
              obj.code = reader.string()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const obj = {
          records: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.stored`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              if (opts.limits?.records != null && obj.records === opts.limits.records) {
                throw new MaxLengthError('Streaming decode error - repeated field "records" had too many elements')
              }

              for (const evt of RecordMessage.codec().stream(reader, reader.uint32(), `${prefix}.records[]`, {
                limits: opts.limits?.records$
              })) {
                yield {
                  ...evt,
                  index: obj.records
                }
              }

              obj.records++

              break
            }
            case 3: {
              yield {
                field: `${prefix}.next`,
                value: reader.bytes()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.code`,
                value: reader.string()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }











  function encode (obj: Partial<RecordsAnswerMessage>): Uint8Array {
    return encodeMessage(obj, RecordsAnswerMessage.codec())
  }

  function decode (buf: Uint8Array, opts?: DecodeOptions<RecordsAnswerMessage>): RecordsAnswerMessage {
    return decodeMessage(buf, RecordsAnswerMessage.codec(), opts)
  }

  return { codec, encode, decode }
})()
