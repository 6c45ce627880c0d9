namespace RdsTunnel.Agents.Tools;

internal static class Schemas
{
    /// <summary>The arguments that say which database, and how it is reached.</summary>
    public const string Database = """
        "host": { "type": "string", "description": "Host of the database, as list_databases gives it." },
        "port": { "type": "integer", "minimum": 1, "maximum": 65535, "description": "Port of the database." },
        "profile": { "type": "string", "description": "AWS profile. Default: as the AWS CLI does." },
        "region": { "type": "string", "description": "AWS region of the database. Default: the profile's." },
        "target": { "type": "string", "description": "Jump host (i-…, mi-… or ecs:cluster/service). Default: selected automatically." }
        """;

    public const string TunnelId = """
        {
          "type": "object", "additionalProperties": false, "required": ["id"],
          "properties": { "id": { "type": "string", "description": "ID of the tunnel, as open_tunnel and tunnel_status give it." } }
        }
        """;

    public const string Nothing = """{ "type": "object", "additionalProperties": false, "properties": {} }""";
}
