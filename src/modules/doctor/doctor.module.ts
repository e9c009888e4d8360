import { Module } from '@nestjs/common';
import { DkimModule, RelaysModule } from '../delivery/index.js';
import { ListsModule } from '../lists/index.js';
import { DoctorRepository } from './doctor.repository.js';
import { Doctor } from './doctor.service.js';

@Module({
  imports: [DkimModule, ListsModule, RelaysModule],
  providers: [Doctor, DoctorRepository],
  exports: [Doctor],
})
export class DoctorModule {}
