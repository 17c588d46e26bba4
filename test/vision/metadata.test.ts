/** What cameras write, and what of it is believed. */
import sharp, { type Exif } from 'sharp'
import { describe, expect, test } from 'vitest'
import { noMetadata, readMetadata } from '../../main/vision/metadata.ts'

async function metadataOf(exif: Exif) {
  const picture = sharp({ create: { width: 8, height: 8, channels: 3, background: '#123456' } })
  return readMetadata(await picture.withExif(exif).jpeg().toBuffer())
}
const takenAt = async (tags: Record<string, string>) => (await metadataOf({ IFD2: tags })).takenAt

describe('the time', () => {
  test('is when the picture was taken rather than when it was changed', async () => {
    const { takenAt } = await metadataOf({
      IFD0: { DateTime: '2025:01:01 00:00:00' },
      IFD2: { DateTimeOriginal: '2024:02:29 23:59:58', DateTimeDigitized: '2024:03:01 00:00:00' },
    })
    expect(takenAt).toBe('2024-02-29T23:59:58')
  })

  test('is what there is', async () => {
    expect((await metadataOf({ IFD0: { DateTime: '2025:01:02 03:04:05' } })).takenAt).toBe(
      '2025-01-02T03:04:05',
    )
  })

  test.each([
    '0000:00:00 00:00:00',
    '2023:02:29 10:00:00',
    '2023:13:01 10:00:00',
    '1492:10:12 02:00:00',
    '    :  :     :  :  ',
    'yesterday',
  ])('that cannot be is none: %s', async (text) => {
    expect(await takenAt({ DateTimeOriginal: text })).toBeNull()
  })
})

describe('the camera', () => {
  test.each([
    ['Canon', 'Canon EOS 40D', 'Canon EOS 40D'],
    ['NIKON CORPORATION', 'NIKON D70', 'NIKON D70'],
    ['Apple', 'iPhone 13', 'Apple iPhone 13'],
    ['FUJIFILM  ', ' X-T5 ', 'FUJIFILM X-T5'],
  ])('%s %s is called %s', async (Make, Model, camera) => {
    expect((await metadataOf({ IFD0: { Make, Model } })).camera).toBe(camera)
  })

  test('tells its exposure in seconds, millimetres and whole ISO', async () => {
    const tags = {
      ExposureTime: '1/250',
      FNumber: '28/10',
      ISOSpeedRatings: '400',
      FocalLength: '50/1',
      LensModel: 'EF 50mm f/1.8',
    }
    expect(await metadataOf({ IFD2: tags })).toMatchObject({
      exposureTime: 0.004,
      fNumber: 2.8,
      iso: 400,
      focalLength: 50,
      lens: 'EF 50mm f/1.8',
    })
  })

  test('that writes zeros or divides by them says nothing', async () => {
    const tags = { ExposureTime: '0/1', FNumber: '5/0', FocalLength: '0/0' }
    expect(await metadataOf({ IFD2: tags })).toEqual(noMetadata)
  })
})

describe('the place', () => {
  const at = (latitude: string, longitude: string, [south, west] = ['N', 'E']) =>
    metadataOf({
      IFD3: {
        GPSLatitudeRef: south ?? '',
        GPSLatitude: latitude,
        GPSLongitudeRef: west ?? '',
        GPSLongitude: longitude,
      },
    })

  test('is in degrees, negative in the south and in the west', async () => {
    const { place } = await at('22/1 54/1 3000/100', '43/1 12/1 0/1', ['S', 'W'])
    expect(place).toEqual({
      latitude: expect.closeTo(-22.90833, 4),
      longitude: expect.closeTo(-43.2, 4),
      altitude: null,
    })
  })

  test('without a fix is none', async () => {
    expect((await at('0/1 0/1 0/1', '0/1 0/1 0/1')).place).toBeNull()
  })

  test('beyond the poles is none', async () => {
    expect((await at('120/1 0/1 0/1', '10/1 0/1 0/1')).place).toBeNull()
  })
})

test('damaged or absent metadata reads as none', () => {
  expect(readMetadata(Buffer.from('no picture'))).toEqual(noMetadata)
  expect(readMetadata(Buffer.alloc(0))).toEqual(noMetadata)
})
