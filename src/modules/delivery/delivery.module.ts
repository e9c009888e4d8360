import { Module, type DynamicModule } from '@nestjs/common';
import type { Stream } from '../../domain/index.js';
import { ListsModule } from '../lists/index.js';
import { SuppressionModule } from '../suppression/index.js';
import { TemplatesModule } from '../templates/index.js';
import { Attachments } from './attachments/attachments.service.js';
import { BlobsRepository } from './attachments/blobs.repository.js';
import { BatchDeliveries } from './batch-deliveries.repository.js';
import { BatchHealthRepository } from './batch-health.repository.js';
import { BatchHealth } from './batch-health.service.js';
import { BatchResend } from './batch-resend.repository.js';
import { Batches } from './batches.service.js';
import { CheckRepository } from './check.repository.js';
import { ClaimsRepository } from './claims.repository.js';
import { Composer } from './composer.js';
import { MessageWork } from './delivery.processors.js';
import { DeliveryPersonalData } from './delivery.personal-data.js';
import { DkimModule } from './dkim/dkim.module.js';
import { MessageMovesRepository } from './message-moves.repository.js';
import { MessageMoves } from './message-moves.service.js';
import { MessagesRepository } from './messages.repository.js';
import { Messages } from './messages.service.js';
import { DeliveryOutcomes } from './outcomes/delivery-outcomes.service.js';
import { OutcomesRepository } from './outcomes/outcomes.repository.js';
import { PersonMailRepository } from './person-mail.repository.js';
import { RecordRepository } from './record.repository.js';
import { Recovery } from './recovery.js';
import { RelayEngineModule } from './relays/relay-engine.module.js';
import { BatchReports } from './report.repository.js';
import { Results } from './results.js';
import { Runner } from './runner.js';
import { SandboxCourier } from './sandbox/sandbox-courier.js';
import { SandboxOutcomes } from './sandbox/sandbox-outcomes.js';
import { Sandbox } from './sandbox/sandbox.js';
import { VerpModule } from './verp/verp.module.js';

const shared = [
  Attachments,
  BatchDeliveries,
  Batches,
  BlobsRepository,
  BatchHealthRepository,
  BatchReports,
  BatchResend,
  Composer,
  MessageMoves,
  MessageMovesRepository,
  Messages,
  MessagesRepository,
  PersonMailRepository,
  DeliveryOutcomes,
  DeliveryPersonalData,
  OutcomesRepository,
  Sandbox,
];

/** What every process needs: accept messages, open batches, look at what became of them. */
@Module({
  imports: [DkimModule, ListsModule, SuppressionModule, TemplatesModule, VerpModule],
  providers: shared,
  exports: shared,
})
export class DeliveryModule {}

/** What only worker processes need: the engine that claims, sends and records. */
@Module({})
export class DeliveryEngineModule {
  /**
   * @param relayUrl SMTP_URL, or the built-in inbox
   * @param streams what this process sends
   */
  static forRelay(relayUrl: string, streams: readonly Stream[]): DynamicModule {
    return {
      module: DeliveryEngineModule,
      imports: [DeliveryModule, SuppressionModule, RelayEngineModule.forWorker(relayUrl, streams)],
      providers: [
        BatchHealth,
        CheckRepository,
        ClaimsRepository,
        MessageWork,
        RecordRepository,
        Recovery,
        Results,
        Runner,
        SandboxCourier,
        SandboxOutcomes,
      ],
      exports: [BatchHealth, ClaimsRepository, MessageWork, Runner, DeliveryModule],
    };
  }
}
