import { describe, expect, it } from 'vitest'
import {
  counted,
  formatAperture,
  formatBytes,
  formatExposure,
  formatKnowledge,
  formatPhotos,
  formatPlace,
  formatScore,
  formatTime,
  formatTimeLeft,
  lastName,
} from '../../../renderer/app/format.ts'

describe('figures as people read them', () => {
  it.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [999, '999 bytes'],
    [1000, '1.0 kB'],
    [999_600, '1.0 MB'],
    [123_456_789, '123 MB'],
    [5e12, '5.0 TB'],
  ])('%d bytes are %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text)
  })

  it.each([
    [1 / 250, '1/250 s'],
    [0.25, '1/4 s'],
    [0.5, '0.5 s'],
    [2, '2 s'],
    [0, '0 s'],
  ])('an exposure of %d is %s', (seconds, text) => {
    expect(formatExposure(seconds)).toBe(text)
  })

  it('writes apertures with as few digits as they need', () => {
    expect(formatAperture(2.8)).toBe('f/2.8')
    expect(formatAperture(8)).toBe('f/8')
  })

  it('writes places with hemispheres', () => {
    expect(formatPlace({ latitude: -33.8568, longitude: 151.2153 })).toBe('33.8568° S, 151.2153° E')
  })

  it('reads the camera’s clock as it stands, wherever the window is', () => {
    expect(formatTime('2023-07-14T15:22:11')).toBe('Jul 14, 2023, 3:22 PM')
    expect(formatTime('no time')).toBe('no time')
  })

  it.each([
    [0.2, '1 s left'],
    [59, '59 s left'],
    [754, '13 min left'],
    [3600, '1 h 0 min left'],
    [9000, '2 h 30 min left'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(formatTimeLeft(seconds)).toBe(text)
  })

  it('never shows something as nothing', () => {
    expect(formatScore(0.002)).toBe('< 1 %')
    expect(formatScore(0)).toBe('0 %')
    expect(formatScore(0.873)).toBe('87 %')
  })

  it('knows one from many', () => {
    expect(formatPhotos(1)).toBe('1 photo')
    expect(formatPhotos(12_345)).toBe('12,345 photos')
    expect(counted(1, 'class', 'classes')).toBe('1 class')
    expect(counted(0, 'class', 'classes')).toBe('0 classes')
    expect(formatKnowledge({ decisions: 2, albums: 0, stars: 1 })).toBe('2 tags, 1 star')
  })

  it('names a folder of any system', () => {
    expect(lastName('/home/ada/Pictures/')).toBe('Pictures')
    expect(lastName('C:\\Users\\Ada')).toBe('Ada')
    expect(lastName('/')).toBe('/')
  })
})
