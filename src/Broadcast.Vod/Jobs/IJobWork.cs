using Broadcast.Vod.Catalogue;

namespace Broadcast.Vod.Jobs;

/// <summary>Does the work of one kind of job. Whatever was done when it is cut short is done again or gone on with by the next try.</summary>
internal interface IJobWork
{
    /// <summary>Which kinds.</summary>
    bool Does(JobKind kind);

    /// <summary>Does it.</summary>
    /// <returns>The name of the file that was made for a person; null for none.</returns>
    /// <exception cref="WorkshopException">It cannot be done.</exception>
    Task<string?> RunAsync(Job job, IProgress<double> progress, CancellationToken cancellation);

    /// <summary>It is given up.</summary>
    Task OnFailedAsync(Job job, string error, CancellationToken cancellation) => Task.CompletedTask;
}

/// <summary>Progress that is told on the thread that reports it.</summary>
internal sealed class DirectProgress<T>(Action<T> told) : IProgress<T>
{
    public void Report(T value) => told(value);
}
