using System.Net;
using System.Net.Sockets;
using System.Reflection;
using Broadcast.Grains.Membership;
using Broadcast.Grains.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orleans.Clustering.Redis;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;

namespace Broadcast.Grains.Hosting;

/// <summary>
/// The node's silo as a host of its own inside the process: started, ended and started again as a new generation without touching
/// anything else.
/// </summary>
/// <remarks>Thread-safe. Who needs grains asks <see cref="Services"/> each time, because a generation may be over at any moment.</remarks>
public sealed partial class SiloHost : IAsyncDisposable
{
    /// <summary>How long a silo may take to leave its cluster.</summary>
    internal static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

    /// <summary>How long the disposal of a generation is waited for, and the end of one that has nothing to hand over.</summary>
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(5);

    private readonly ClusterOptions _options;
    private readonly ClusterStore? _store;
    private readonly Action<ISiloBuilder> _configure;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly SiloChannel? _channel;
    private readonly CancellationTokenSource _stopping = new();
    private Generation? _current;
    private Task _supervision = Task.CompletedTask;
    private int _started;
    private int _disposed;

    /// <param name="options">Checked here.</param>
    /// <param name="configure">Adds grains and their services; called for every generation.</param>
    /// <param name="loggers">The program's.</param>
    /// <exception cref="InvalidDataException">The options are wrong.</exception>
    public SiloHost(ClusterOptions options, Action<ISiloBuilder> configure, ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _configure = configure;
        _loggers = new QuietLoggerFactory(loggers);
        _logger = loggers.CreateLogger<SiloHost>();
        _store = ClusterStore.TryParse(options.Store, out var store, out _) ? store : null;
        if (options.Secret.Length > 0) _channel = new SiloChannel(options.Secret, options.ClusterId, loggers.CreateLogger<SiloChannel>());
    }

    /// <summary>Where the silo is in its life.</summary>
    public SiloState State { get; private set; } = SiloState.Stopped;

    /// <summary>Services of the running generation; null while there is none.</summary>
    public IServiceProvider? Services => Volatile.Read(ref _current)?.Host.Services;

    /// <summary>Grains, while a generation runs.</summary>
    public IGrainFactory? Grains => Services?.GetService<IGrainFactory>();

    /// <summary>The address and generation of the running silo; null while there is none.</summary>
    public SiloAddress? Address => Volatile.Read(ref _current)?.Address;

    /// <summary>Generations begun after the first.</summary>
    public int Restarts { get; private set; }

    /// <summary>Connections with silos that could not prove themselves.</summary>
    public long RefusedConnections => _channel?.Refused ?? 0;

    /// <summary>Raised after <see cref="State"/> has changed, on any thread; a handler must not block.</summary>
    public event Action<SiloState>? StateChanged;

    /// <summary>Joins the cluster and returns when the node is a member.</summary>
    /// <exception cref="InvalidDataException">The store or the cluster could not be reached within <see cref="ClusterOptions.StartTimeout"/>.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _started, 1) != 0) throw new InvalidOperationException("A silo host is started once.");
        Enter(SiloState.Starting);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
        timeout.CancelAfter(_options.StartTimeout);
        try
        {
            Volatile.Write(ref _current, await BeginAsync(timeout.Token));
        }
        catch (Exception exception)
        {
            Enter(SiloState.Stopped);
            cancellationToken.ThrowIfCancellationRequested();
            var reason = (exception.InnerException ?? exception).Message;
            throw new InvalidDataException($"Cannot join the cluster at {_store?.Display ?? "this machine"}: {reason}", exception);
        }

        Enter(SiloState.Running);
        _supervision = Task.Run(SuperviseAsync, CancellationToken.None);
    }

    /// <summary>Ends the running generation as if it had failed, and begins the next one.</summary>
    public void Restart(string reason) => Volatile.Read(ref _current)?.Life.End(reason);

    /// <summary>Leaves the cluster in good order.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _supervision.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (Interlocked.Exchange(ref _current, null) is { } last) await EndAsync(last, gracefully: true, cancellationToken);
        Enter(SiloState.Stopped);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        await StopAsync(CancellationToken.None);
        _channel?.Dispose();
        _stopping.Dispose();
    }

    private async Task SuperviseAsync()
    {
        try
        {
            while (true)
            {
                var generation = _current!;
                var reason = await generation.Life.Ended.WaitAsync(_stopping.Token);
                LogEnded(_options.NodeId, generation.Address, reason);
                Volatile.Write(ref _current, null);
                Enter(SiloState.Restarting);
                await EndAsync(generation, gracefully: false, CancellationToken.None);
                var next = await BeginAsync(_stopping.Token);
                Restarts++;
                Volatile.Write(ref _current, next);
                Enter(SiloState.Running);
                LogRestarted(_options.NodeId, next.Address);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Stopped from outside; StopAsync ends what runs.
        }
    }

    // Tries until it works or the token says stop; then the last failure is thrown, which says more than "cancelled".
    private async Task<Generation> BeginAsync(CancellationToken cancellationToken)
    {
        var pause = FirstRetry;
        Exception? last = null;
        while (true)
        {
            try
            {
                return await TryBeginAsync(cancellationToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                last = exception;
                LogCannotStart(_options.NodeId, _store?.Display ?? "", (exception.InnerException ?? exception).Message);
            }
            catch (OperationCanceledException) when (last is not null)
            {
                throw last;
            }

            try
            {
                await Task.Delay(pause, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                throw last;
            }

            pause = pause * 2 < LastRetry ? pause * 2 : LastRetry;
        }
    }

    private async Task<Generation> TryBeginAsync(CancellationToken cancellationToken)
    {
        var life = new SiloLife();
        var host = Build(life);
        try
        {
            await host.StartAsync(cancellationToken);
            // A silo may also end by itself, without calling it fatal.
            host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(() => life.End("The silo stopped."));
            return new Generation(host, life, host.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress);
        }
        catch
        {
            await DisposeAsync(host);
            throw;
        }
    }

    private static async Task EndAsync(Generation generation, bool gracefully, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // A silo that was declared dead has nobody to hand its grains to.
        if (gracefully) limit.CancelAfter(StopTimeout);
        else await limit.CancelAsync();

        // The wait is bounded apart from the token: a silo writes its end into the table, for minutes, where the table has forgotten it.
        await Bounded(generation.Host.StopAsync(limit.Token), gracefully ? StopTimeout + EndTimeout : EndTimeout);
        await Bounded(DisposeAsync(generation.Host), EndTimeout);
    }

    // What takes longer goes on in the background and disturbs nobody: the generation is known to nobody any more.
    private static async Task Bounded(Task ending, TimeSpan limit) => await ending.WaitAsync(limit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private static async Task DisposeAsync(IHost host)
    {
        EndDirectory(host);
        if (host is IAsyncDisposable asynchronous) await asynchronous.DisposeAsync();
        else host.Dispose();
    }

    // A silo that failed while it started, or that is disposed of before its end is through, leaves a loop behind: Orleans' local directory
    // follows the membership until it is stopped, and goes round without a pause once the membership service is gone, on a whole core.
    // Nothing public stops it, and the media of everybody connected to the node would pay.
    private static void EndDirectory(IHost host)
    {
        try
        {
            if (Type.GetType("Orleans.Runtime.GrainDirectory.LocalGrainDirectory, Orleans.Runtime") is not { } type || host.Services.GetService(type) is not { } directory) return;
            (type.GetField("_membershipUpdatesCancellation", BindingFlags.Instance | BindingFlags.NonPublic)?.GetValue(directory) as CancellationTokenSource)?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // Then it has been stopped.
        }
    }

    private IHost Build(SiloLife life)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true, ApplicationName = "broadcast" });
        builder.Services.RemoveAll<IHostLifetime>();
        builder.Services.AddSingleton<IHostLifetime, InnerHostLifetime>();
        builder.Services.RemoveAll<ILoggerFactory>();
        builder.Services.AddSingleton(_loggers);
        builder.Services.AddSingleton<IFatalErrorHandler>(life);
        builder.UseOrleans(silo =>
        {
            Listen(silo);
            Join(silo, life);
            Secure(silo);
            if (_options.IsTraced) silo.AddActivityPropagation();
            _configure(silo);
        });
        return builder.Build();
    }

    // No gateway: nothing outside the cluster calls grains.
    private void Listen(ISiloBuilder silo)
    {
        var port = _options.SiloPort > 0 ? _options.SiloPort : FreePort(_options.Address);
        silo.Configure<SiloOptions>(options => options.SiloName = _options.NodeId);
        silo.Configure<Orleans.Configuration.ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (_options.ClusterId, "broadcast"));
        silo.Configure<EndpointOptions>(options =>
        {
            options.AdvertisedIPAddress = _options.Address;
            options.SiloPort = port;
            options.GatewayPort = 0;
            options.SiloListeningEndpoint = new IPEndPoint(_options.Address, port);
        });
        if (_store is null) silo.UseDevelopmentClustering(new IPEndPoint(_options.Address, port));
    }

    private void Join(ISiloBuilder silo, SiloLife life)
    {
        MembershipTimings.Apply(silo);
        if (_store is null) return;
        if (_store.Kind is StoreKind.Redis)
        {
            silo.UseRedisClustering(options => options.ConfigurationOptions = _store.ToRedis());
        }
        else
        {
            silo.Services.AddSingleton(_ => NpgsqlDataSource.Create(_store.ToPostgres()));
            silo.Services.AddSingleton<IMembershipTable>(services =>
                new PostgresMembershipTable(services.GetRequiredService<NpgsqlDataSource>(), _options.ClusterId));
        }

        var inner = silo.Services.Last(service => service.ServiceType == typeof(IMembershipTable));
        silo.Services.Remove(inner);
        silo.Services.AddSingleton<IMembershipTable>(services => new WatchedMembershipTable(
            (IMembershipTable)(inner.ImplementationFactory?.Invoke(services) ?? ActivatorUtilities.CreateInstance(services, inner.ImplementationType!)),
            () => services.GetRequiredService<ILocalSiloDetails>().SiloAddress,
            exception => exception is RedisClusteringException,
            () => life.End("The membership store no longer knows this silo.")));
    }

    private void Secure(ISiloBuilder silo)
    {
        if (_channel is null) return;
        silo.Configure<SiloConnectionOptions>(options =>
        {
            options.ConfigureSiloInboundConnection(connection => connection.Use(next => context => _channel.AcceptAsync(context, next)));
            options.ConfigureSiloOutboundConnection(connection => connection.Use(next => context => _channel.ConnectAsync(context, next)));
        });
    }

    // Another program may take the port before the silo does; then the silo does not start and the next attempt takes another.
    private static int FreePort(IPAddress address)
    {
        using var probe = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(address, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }

    private void Enter(SiloState state)
    {
        if (State == state) return;
        State = state;
        StateChanged?.Invoke(state);
    }

    [LoggerMessage(111, LogLevel.Warning, "The silo of node {NodeId} ({SiloAddress}) is over: {Reason} Starting the next one; media goes on")]
    private partial void LogEnded(string nodeId, SiloAddress siloAddress, string reason);

    [LoggerMessage(112, LogLevel.Information, "Node {NodeId} is in the cluster again as {SiloAddress}")]
    private partial void LogRestarted(string nodeId, SiloAddress siloAddress);

    [LoggerMessage(113, LogLevel.Warning, "Node {NodeId} cannot join the cluster at {Store}: {Reason} Trying again")]
    private partial void LogCannotStart(string nodeId, string store, string reason);

    private sealed record Generation(IHost Host, SiloLife Life, SiloAddress Address);
}
