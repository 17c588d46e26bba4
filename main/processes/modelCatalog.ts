import { type Catalog, mirrored, readCatalog } from '../../models/catalog/catalog.ts'
import { modelZoo } from '../../models/catalog/modelZoo.ts'

/**
 * The models that can be got: those of the ONNX model zoo, or of the catalog that
 * ALBUMEN_MODEL_CATALOG names, a JSON file in the same form; from where the catalog says, or from
 * the mirror ALBUMEN_MODEL_MIRROR. Throws UserError for a variable that is set wrong.
 */
export function modelCatalog(environment: NodeJS.ProcessEnv): Catalog {
  const { ALBUMEN_MODEL_CATALOG: file, ALBUMEN_MODEL_MIRROR: mirror } = environment
  const catalog = file ? readCatalog(file) : modelZoo
  return mirror ? mirrored(catalog, mirror) : catalog
}
