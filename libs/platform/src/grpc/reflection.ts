import { ReflectionService } from '@grpc/reflection';
import { descriptorFiles } from '#contracts';

/** Server reflection over the .proto files as they are written. */
export function reflection(): ReflectionService {
  return new ReflectionService({
    // It looks for files in each definition, and at nothing else of it.
    files: {
      format: 'Protocol Buffer 3 EnumDescriptorProto',
      type: {},
      fileDescriptorProtos: descriptorFiles(),
    },
  });
}
