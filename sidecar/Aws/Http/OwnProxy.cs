using System.Net;

namespace RdsTunnel.Aws.Http;

/// <summary>The proxy that the environment names for all calls and for the data channel, as curl
/// and the AWS CLI read it; where it names none, the system's. What is on
/// this machine is never behind a proxy. Thread-safe.</summary>
internal sealed class OwnProxy : IWebProxy
{
    private static readonly string[] Variables = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];

    private readonly ProxyAddress? _address;
    private readonly NoProxy _noProxy;
    private readonly IWebProxy? _system;

    private OwnProxy(ProxyAddress? address, NoProxy noProxy, IWebProxy? system) =>
        (_address, _noProxy, _system) = (address, noProxy, system);

    /// <summary>The password is here alone: the address that .NET quotes has none.</summary>
    public ICredentials? Credentials
    {
        get => _address is null ? _system?.Credentials : _address.Credentials;
        set => throw new NotSupportedException("The proxy comes from the environment.");
    }

    /// <param name="system">What counts where the environment names no proxy; null for none.</param>
    /// <exception cref="AwsException">What the environment names is no proxy.</exception>
    public static OwnProxy From(Func<string, string?> environment, IWebProxy? system)
    {
        var name = Array.Find(Variables, variable => !string.IsNullOrEmpty(environment(variable)));
        return new OwnProxy(
            name is null ? null : ProxyAddress.Parse(environment(name)!, name),
            NoProxy.Parse(environment("no_proxy") is { Length: > 0 } lower ? lower : environment("NO_PROXY")),
            system
        );
    }

    public Uri? GetProxy(Uri destination) =>
        IsDirect(destination) ? null
        : _address is null ? _system?.GetProxy(destination)
        : _address.Url;

    public bool IsBypassed(Uri host) => IsDirect(host) || (_address is null && _system?.IsBypassed(host) != false);

    private bool IsDirect(Uri destination) => destination.IsLoopback || _noProxy.Covers(destination.IdnHost, destination.Port);
}
