import { inCode, inDotNet, inShell, isPlainDatabase, isPlainUser } from '../state/quoting';
import { only, type Detail, type Target } from './detail';

/**
 * MySQL's clients verify that an authority of AWS has issued the certificate. Only Go's can be told
 * another name than the one that it connects to.
 */
export function mysqlDetails({ name, host, localPort, authority, user, database }: Target): Detail[] {
  const [userPart, databasePart, file] = [user, database, authority].map(encodeURIComponent);
  const group = name.replaceAll(/[^\w-]+/g, '-');
  // Some forms can't quote: what would mean something else there is left out of the list.
  const isUserPlain = isPlainUser(user);
  const isPlain = isUserPlain && isPlainDatabase(database);
  return [
    // MariaDB's client has no such mode, and verifies by the file alone.
    {
      name: 'mysql',
      text: `mysql --host=127.0.0.1 --port=${localPort} --user=${inShell(user)} --ssl-ca=${inShell(authority)} --loose-ssl-mode=VERIFY_CA --password${database === '' ? '' : ` --database=${inShell(database)}`}`,
    },
    ...only(isUserPlain, {
      name: '.my.cnf (mysql --defaults-group-suffix)',
      text: `[client-${group}]\nhost=127.0.0.1\nport=${localPort}\nuser="${user}"\nssl-ca="${authority}"\nloose-ssl-mode=VERIFY_CA\n`,
    }),
    { name: 'DATABASE_URL (Node.js mysql2)', text: `mysql://${userPart}@127.0.0.1:${localPort}/${databasePart}?ssl=Amazon%20RDS` },
    {
      name: 'SQLAlchemy',
      text: `mysql+pymysql://${userPart}@127.0.0.1:${localPort}/${databasePart}?ssl_ca=${file}&ssl_check_hostname=false`,
    },
    // The driver takes values as they are written. Its version 2 reads the first two options, version 3 the third.
    ...only(isPlain, {
      name: 'JDBC (MariaDB Connector/J)',
      text: `jdbc:mariadb://127.0.0.1:${localPort}/${database}?user=${user}&useSsl=true&disableSslHostnameVerification=true&sslMode=verify-ca&serverSslCert=${authority}`,
    }),
    {
      name: '.NET (MySqlConnector)',
      text: `Server=127.0.0.1;Port=${localPort};User ID=${inDotNet(user)};Database=${inDotNet(database)};SSL Mode=VerifyCA;SSL CA=${inDotNet(authority)}`,
    },
    ...only(isPlain, { name: 'Go (go-sql-driver)', text: goCode({ host, localPort, authority, user, database }) }),
  ];
}

const goCode = ({ host, localPort, authority, user, database }: Omit<Target, 'name'>): string =>
  [
    `pem, err := os.ReadFile(${inCode(authority)})`,
    'if err != nil {\n\treturn err\n}',
    'roots := x509.NewCertPool()',
    'roots.AppendCertsFromPEM(pem)',
    `mysql.RegisterTLSConfig("rds", &tls.Config{RootCAs: roots, ServerName: ${inCode(host)}})`,
    `db, err := sql.Open("mysql", ${inCode(`${user}@tcp(127.0.0.1:${localPort})/${database}?tls=rds`)})`,
    '',
  ].join('\n');
