import { Inject, Module, type DynamicModule, type OnModuleDestroy } from '@nestjs/common';
import { CLOCK, type Clock } from '#platform';
import { AuditController } from './grpc/audit.controller.js';
import { WalletController } from './grpc/wallet.controller.js';
import { createReadSide, type ReadSide, type ReadSideOptions } from './read-side.js';
import { READ_SIDE } from './tokens.js';

/** Queries over gRPC. The projector is no part of it: it may run in this process, in a worker, or elsewhere. */
@Module({})
export class ReadSideModule implements OnModuleDestroy {
  static register(options: Omit<ReadSideOptions, 'clock'>): DynamicModule {
    return {
      module: ReadSideModule,
      controllers: [WalletController, AuditController],
      providers: [
        {
          provide: READ_SIDE,
          inject: [CLOCK],
          useFactory: (clock: Clock): ReadSide => createReadSide({ ...options, clock }),
        },
      ],
      exports: [READ_SIDE],
    };
  }

  constructor(@Inject(READ_SIDE) private readonly readSide: ReadSide) {}

  /** Before the transports close: a watcher would keep them waiting. */
  onModuleDestroy(): void {
    this.readSide.feed.close();
  }
}
