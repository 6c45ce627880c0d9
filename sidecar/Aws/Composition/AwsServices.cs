using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using RdsTunnel.Aws.Clients;
using RdsTunnel.Aws.Configuration;
using RdsTunnel.Aws.ConsoleLogin;
using RdsTunnel.Aws.Credentials;
using RdsTunnel.Aws.Http;
using RdsTunnel.Aws.Instances;
using RdsTunnel.Aws.Inventory;
using RdsTunnel.Aws.Inventory.Listings;
using RdsTunnel.Aws.Sessions;
using RdsTunnel.Aws.SignIn;

namespace RdsTunnel.Aws.Composition;

/// <summary>AWS as this process sees it: sign-in, profiles, and a session service for each
/// identity, region and endpoint, made when first asked for.
/// Thread-safe. Disposing it cuts the calls in flight.</summary>
/// <remarks>Making one touches neither the AWS SDK nor the disk. Each <see cref="For"/> reads the
/// configuration files as they are then.</remarks>
public sealed partial class AwsServices : ISessionServices, IInventories, IDisposable
{
    // An attempt of StartSession takes a second or two; what takes longer than this is lost.
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<AwsSettings, SessionService> _services = []; // guarded by _gate
    private readonly Dictionary<AwsSettings, IInventory> _inventories = []; // guarded by _gate
    private readonly Dictionary<AwsSettings, InstancePower> _powers = []; // guarded by _gate
    private readonly AwsClock _clock;
    private readonly ILogger _logger;
    private readonly SettingsResolver _resolver;
    private readonly SdkClients _clients;
    private readonly TokenRenewal _renewal;
    private readonly CredentialProviders _providers;
    private bool _hasWarned; // guarded by _gate
    private bool _isDisposed; // guarded by _gate

    public AwsServices(TimeProvider time, ILoggerFactory loggerFactory, IMfaCodes mfaCodes)
        : this(time, loggerFactory, mfaCodes, Environment.GetEnvironmentVariable) { }

    /// <param name="environment">Gives an environment variable's value; null when it is not set.</param>
    public AwsServices(TimeProvider time, ILoggerFactory loggerFactory, IMfaCodes mfaCodes, Func<string, string?> environment)
    {
        _logger = loggerFactory.CreateLogger("RdsTunnel.Aws");
        _clock = new AwsClock(time, _logger);
        _resolver = new SettingsResolver(environment);
        _clients = new SdkClients(_resolver, _clock);
        var store = new SecretStore(_logger);
        var cache = new SsoCache(() => _resolver.Folder, store);
        _renewal = new TokenRenewal(store, _clock);
        var tokens = new SsoTokens(cache, _renewal, _clients, _clock);
        _providers = new CredentialProviders(
            tokens,
            new LoginTokens(_resolver, _renewal, _clients, _clock),
            new RoleCache(_resolver, _clock, _logger),
            new MachineHttp(_resolver, _clock),
            _clients,
            mfaCodes,
            _clock
        );
        var signIn = new SsoSignIn(_resolver, cache, tokens, new SignInFlows(_clients, _clock), _clients, _logger);
        SignIn = signIn;
        Profiles = new Profiles(_resolver, signIn, tokens, environment);
    }

    public ISignIn SignIn { get; }

    public IProfiles Profiles { get; }

    public TimeSpan ClockOffset => _clock.Offset;

    public event Action? CredentialsRenewed
    {
        add => SignIn.SignedIn += value;
        remove => SignIn.SignedIn -= value;
    }

    public ISessionService For(AwsScope scope) => ServiceFor(scope);

    public IInventory InventoryOf(AwsScope scope)
    {
        var settings = _resolver.Resolve(scope);
        _ = _resolver.SourceOf(settings);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (!_inventories.TryGetValue(settings, out var inventory))
            {
                WarnOfTrust();
                var credentials = CredentialsOf(settings);
                _inventories.Add(
                    settings,
                    inventory = new RegionalInventory(settings, credentials, _clients.Of(scope, settings, credentials), _clock)
                );
            }

            return inventory;
        }
    }

    /// <summary>The authorities that the configuration names to be trusted beside the system's.</summary>
    /// <exception cref="AwsException">They cannot be read.</exception>
    public X509Certificate2Collection AuthoritiesOf(AwsScope scope) =>
        _resolver.CallsOf(scope.Profile).CaBundle is { } bundle ? ServerTrust.With(bundle).Authorities : [];

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            foreach (var service in _services.Values)
            {
                service.Dispose();
            }

            _services.Clear();
            foreach (var inventory in _inventories.Values.OfType<IDisposable>())
            {
                inventory.Dispose();
            }

            _inventories.Clear();
            foreach (var power in _powers.Values)
            {
                power.Dispose();
            }

            _powers.Clear();
        }

        _providers.Dispose();
        _renewal.Dispose();
        _clients.Dispose();
    }

    internal SessionService ServiceFor(AwsScope scope)
    {
        var settings = _resolver.Resolve(scope);
        _ = _resolver.SourceOf(settings); // throws when there is none, before anything is begun
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_services.TryGetValue(settings, out var known))
            {
                return known;
            }
        }

        // Not under the lock: it reads a file, and whoever waits for one that hangs must not hold up others.
        var trust = _resolver.TrustWith(settings.CaBundle);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (!_services.TryGetValue(settings, out var service))
            {
                WarnOfTrust();
                service = new SessionService(
                    settings,
                    CredentialsOf(settings),
                    trust,
                    _resolver.Proxy(),
                    AttemptTimeout,
                    _clock,
                    _logger,
                    token => AccountOfAsync(scope, token),
                    (target, token) => InventoryOf(scope).FindTaskAsync(target, token),
                    () => PowerOf(scope, settings)
                );
                _services.Add(settings, service);
            }

            return service;
        }
    }

    private InstancePower PowerOf(AwsScope scope, AwsSettings settings)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (!_powers.TryGetValue(settings, out var power))
            {
                var credentials = CredentialsOf(settings);
                _powers.Add(settings, power = new InstancePower(settings, credentials, _clients.Of(scope, settings, credentials)));
            }

            return power;
        }
    }

    private async Task<string?> AccountOfAsync(AwsScope scope, CancellationToken cancellationToken)
    {
        try
        {
            return (await InventoryOf(scope).GetIdentityAsync(cancellationToken).ConfigureAwait(false)).AccountId is { Length: > 0 } account
                ? account
                : null;
        }
        catch (AwsException)
        {
            // It is asked for to complete another error, which is the one to tell.
            return null;
        }
    }

    internal IdentityCredentials CredentialsOf(AwsSettings settings) => new(_resolver, settings, _providers);

    // Once, and when somebody listens already.
    private void WarnOfTrust()
    {
        if (_resolver.TrustsAnybody && !_hasWarned)
        {
            _hasWarned = true;
            LogNotVerified();
        }
    }

    [LoggerMessage(
        EventId = 3020,
        Level = LogLevel.Warning,
        Message = "Certificate verification is off (http.proxyStrictSSL): traffic to AWS can be read and changed on the way"
    )]
    private partial void LogNotVerified();
}
