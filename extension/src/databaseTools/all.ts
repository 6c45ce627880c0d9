import { dbcode } from './dbcode';
import { mongodb } from './mongodb';
import { mssql } from './mssql';
import { pgsql } from './pgsql';
import { sqltools } from './sqltools';
import type { DatabaseTool } from './tool';

export const databaseTools: DatabaseTool[] = [sqltools, mssql, pgsql, mongodb, dbcode];
