/**
 * The ResNets of the ONNX model zoo, trained on ImageNet-1k, outputs in its usual order.
 *
 * Sizes and sha256 are those of ONNX_HUB_MANIFEST.json in https://github.com/onnx/models; accuracy,
 * preparation of photos, outputs and licence those of its validated/vision/classification/resnet/README.md
 * (one centre crop). The ResNet50-caffe2 have no published accuracy. Multiply-adds: table 1 of He et
 * al., Deep residual learning (https://arxiv.org/abs/1512.03385), whose v1 and v2 count the same;
 * integers instead of floats change their kind, not their number.
 */
import type { Catalog, CatalogModel } from './catalog.ts'

const gflopsOf = { 18: 1.8, 34: 3.6, 50: 3.8, 101: 7.6, 152: 11.3 } as const
type Depth = keyof typeof gflopsOf

type Manifest = CatalogModel['manifest']
type File = Pick<CatalogModel, 'bytes' | 'sha256' | 'accuracy'>
/** `name`, `variant`, `depth` and `manifest`, and whatever is out of the ordinary. */
type Traits = Pick<CatalogModel, 'name' | 'variant' | 'manifest'> & {
  depth: Depth
} & Partial<CatalogModel>

const zooModel = (id: string, file: File, traits: Traits): CatalogModel => ({
  id,
  url: `https://huggingface.co/onnxmodelzoo/${id}/resolve/main/${id}.onnx`,
  quantised: null,
  quantisations: [],
  licence: 'Apache-2.0',
  gflops: gflopsOf[traits.depth],
  note: null,
  unusable: null,
  ...file,
  ...traits,
})

/** Per cent of the 50,000 photos for validation. */
const published = (top1: number, top5: number | null): CatalogModel['accuracy'] => ({
  top1: share(top1),
  top5: top5 === null ? null : share(top5),
  n: 50_000,
  on: 'ImageNet-1k validation, by the ONNX model zoo',
})

const share = (percent: number): number => Number((percent / 100).toFixed(4))

/** Shorter side to 256, centre crop 224; what they answer has seen no softmax. */
const mxnetManifest = {
  inputSize: 224,
  resize: 256,
  channels: 'rgb',
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
  outputKind: 'logits',
} satisfies Manifest

/** MXNet's, opset 7. */
const mxnet = (depth: Depth, variant: 'v1' | 'v2', file: File, note: string | null = null) =>
  zooModel(`resnet${depth}-${variant}-7`, file, {
    name: `ResNet-${depth} ${variant}`,
    variant,
    depth,
    manifest: mxnetManifest,
    note,
  })

/** MXNet's ResNet-50 v1 in opset 12, and what Intel's Neural Compressor made of it. */
const opset12 = (suffix: string, file: File, traits: { name: string } & Partial<CatalogModel>) =>
  zooModel(`resnet50-v1-12${suffix}`, file, {
    variant: 'v1',
    manifest: mxnetManifest,
    ...traits,
    depth: 50,
  })

/**
 * Mean 128, deviation 128, shorter side to 256: vision/classification/resnet/resnet50-caffe2/README.md
 * of the zoo before its pages were put together. Blue comes first, as OpenCV decodes for Caffe2's
 * ImageInput (caffe2/image/image_input_op.cc). They end in a softmax and reshape to one photo.
 */
const caffe2Manifest = {
  inputSize: 224,
  resize: 256,
  channels: 'bgr',
  mean: [128 / 255, 128 / 255, 128 / 255],
  std: [128 / 255, 128 / 255, 128 / 255],
  outputKind: 'probabilities',
} satisfies Manifest

const latestCaffe2 = 'resnet50-caffe2-v1-9'

/**
 * One network in five versions of ONNX. ONNX Runtime begins at opset 7
 * (https://onnxruntime.ai/docs/reference/compatibility.html) and refuses BatchNormalization(6) indeed.
 */
const caffe2 = (opset: number, file: Omit<File, 'accuracy'>) =>
  zooModel(
    `resnet50-caffe2-v1-${opset}`,
    { ...file, accuracy: null },
    {
      name: `ResNet-50 v1, Caffe2, opset ${opset}`,
      variant: 'v1',
      depth: 50,
      manifest: caffe2Manifest,
      note: 'One photo at a time',
      unusable:
        opset < 7
          ? `resnet50-caffe2-v1-${opset} is written in ONNX opset ${opset}, and ONNX Runtime reads 7 and newer: get ${latestCaffe2}, the same network.`
          : null,
    },
  )

export const modelZoo: Catalog = [
  mxnet(18, 'v1', {
    bytes: 46_820_737,
    sha256: '4e8f8653e7a2222b3904cc3fe8e304cd8b339ce1d05fd24688162f86fb6df52c',
    accuracy: published(69.93, 89.29),
  }),
  mxnet(18, 'v2', {
    bytes: 46_806_737,
    sha256: '3b4d048057854022232aa20bf68262e31718ab7119a17f920b8a2dc1433f824b',
    accuracy: published(69.7, 89.49),
  }),
  mxnet(34, 'v1', {
    bytes: 87_302_588,
    sha256: '883a41b2e30ddc2e422c108b091b5e70b92d37dc5c345a2c563dcae27971e2cc',
    accuracy: published(73.73, 91.4),
  }),
  mxnet(34, 'v2', {
    bytes: 87_288_587,
    sha256: '3d3815e25f4b1ea967e2a526a3b27ef2a03af1725bdc199a63a271c26862d914',
    accuracy: published(73.36, 91.43),
  }),
  opset12(
    '-int8',
    {
      bytes: 25_816_052,
      sha256: 'c234f30975989788b4405f25253275aae247ab6dbdd34aaa69ab0a59ff76f6d0',
      accuracy: published(74.77, 92.32),
    },
    { name: 'ResNet-50 v1, int8', quantised: 'qlinear', note: 'Good to begin with' },
  ),
  opset12(
    '-qdq',
    {
      bytes: 25_753_167,
      sha256: 'e6429d274805654c79ba68dc886c1efd4eff95393e747c35d3fdab579febd8a0',
      accuracy: published(74.43, null),
    },
    { name: 'ResNet-50 v1, int8 QDQ', quantised: 'qdq' },
  ),
  opset12(
    '',
    {
      bytes: 102_576_593,
      sha256: '3f03fdef724b22947eed826f1eef1dc5c34151bb4c37d634f1db89dfa2dd1526',
      accuracy: published(74.97, 92.33),
    },
    {
      name: 'ResNet-50 v1, opset 12',
      quantisations: ['resnet50-v1-12-int8', 'resnet50-v1-12-qdq'],
    },
  ),
  mxnet(50, 'v1', {
    bytes: 102_583_340,
    sha256: 'af16a04a6ec48ac494065d4439fe9dea590d337b9ca6dc328160ccf04a217b9c',
    accuracy: published(74.93, 92.38),
  }),
  mxnet(50, 'v2', {
    bytes: 102_442_452,
    sha256: '79102261eb6e5fd7af5d27f41316293e388c5cb691e5d25bfb035c4f64fefe31',
    accuracy: published(75.81, 92.82),
  }),
  mxnet(101, 'v1', {
    bytes: 178_914_043,
    sha256: '760702f6ec0138f71ebac66f4e95d1c72dc9267a8544f4d4667a53075fd0497c',
    accuracy: published(76.48, 93.2),
  }),
  mxnet(101, 'v2', {
    bytes: 178_682_301,
    sha256: '3a0a819ea0953fb4700b0d98e43540aeee253e5b4c503c552b0c7979fc67767d',
    accuracy: published(77.42, 93.61),
  }),
  mxnet(152, 'v1', {
    bytes: 241_816_206,
    sha256: 'b0ec92437bf8c9d0739bf9bafdea9638e13f9e3c1e2fb766ad546cc182fd3f6d',
    accuracy: published(77.11, 93.61),
  }),
  mxnet(
    152,
    'v2',
    {
      bytes: 241_503_848,
      sha256: '40fb3f6dd313ba786a2c8077a0ef7d7b4afeda5d037365400d3a7fbc2b1bee64',
      accuracy: published(78.2, 94.21),
    },
    'The most accurate',
  ),
  caffe2(9, {
    bytes: 102_489_425,
    sha256: '822daa93e11ecd505f282eb16e02d7fa6d7a88a4db0c9f832320798e508ba0dd',
  }),
  caffe2(8, {
    bytes: 102_489_425,
    sha256: '4f4a244f1485883fbf4faa0f967409a747164733a7b59b2d07d124d6bbd26ae0',
  }),
  caffe2(7, {
    bytes: 102_489_425,
    sha256: '48c377bd20b8e7c1b4a2e371c1badefbb9db906f57bcc5c800a28835c6b988bf',
  }),
  caffe2(6, {
    bytes: 102_490_291,
    sha256: '166b367d86f2afe34f7438154f2798d081b13d369df20c75b485b76763c16a0e',
  }),
  caffe2(3, {
    bytes: 102_491_873,
    sha256: '22cbd5723582d9e4636c46da43732980c8a60f8fc74c37f15db522034e6ae84d',
  }),
]
