namespace RdsTunnel.Emulator.World;

/// <summary>An Aurora global database. The cluster that takes writes may be in another region.</summary>
public sealed record EmulatedGlobalCluster(string Identifier, string Engine, string EngineVersion, string Host, string WriterClusterArn);

/// <summary>An endpoint of a proxy beside its own.</summary>
public sealed record EmulatedProxyEndpoint(string Name, string Proxy, string Host, string VpcId, IReadOnlyList<string> SecurityGroupIds)
{
    public bool IsReadOnly { get; set; }
}

/// <summary>A workgroup of Redshift Serverless.</summary>
public sealed record EmulatedWorkgroup(string Name, string Host, int Port, string VpcId, IReadOnlyList<string> SecurityGroupIds);

/// <summary>A cluster of MemoryDB.</summary>
public sealed record EmulatedMemoryCluster(
    string Name,
    string Engine,
    string EngineVersion,
    string Host,
    int Port,
    IReadOnlyList<string> SecurityGroupIds
);

/// <summary>A domain of OpenSearch; without a VPC it is public.</summary>
public sealed record EmulatedSearchDomain(
    string Name,
    string EngineVersion,
    string Host,
    string? VpcId,
    IReadOnlyList<string> SecurityGroupIds
);

/// <summary>An elastic cluster of DocumentDB.</summary>
public sealed record EmulatedElasticCluster(string Name, string Host, IReadOnlyList<string> SecurityGroupIds);

/// <summary>A broker of Amazon MQ.</summary>
/// <param name="EngineType"><c>ACTIVEMQ</c> or <c>RABBITMQ</c>.</param>
/// <param name="Endpoints">Of each of its instances.</param>
public sealed record EmulatedBroker(
    string Id,
    string Name,
    string EngineType,
    string EngineVersion,
    IReadOnlyList<IReadOnlyList<string>> Endpoints,
    IReadOnlyList<string> SecurityGroupIds
);

/// <summary>A cluster of MSK.</summary>
/// <param name="Brokers">By the name of the answer's field: <c>bootstrapBrokerStringTls</c>.</param>
public sealed record EmulatedKafkaCluster(string Name, IReadOnlyDictionary<string, string> Brokers, IReadOnlyList<string> SecurityGroupIds)
{
    public bool IsServerless { get; set; }

    public string State { get; set; } = "ACTIVE";
}

/// <summary>A server that the Database Migration Service connects to.</summary>
public sealed record EmulatedMigrationEndpoint(string Identifier, string Engine, string Host, int Port, string DatabaseName);
