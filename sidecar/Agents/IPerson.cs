namespace RdsTunnel.Agents;

/// <summary>The person behind an agent.</summary>
public interface IPerson
{
    /// <summary>The agent's client can show a question.</summary>
    bool CanBeAsked { get; }

    /// <param name="question">Lines of text without what a terminal would obey.</param>
    Task<Answer> AskAsync(string question, CancellationToken cancellationToken);
}

public enum Answer
{
    No,

    /// <summary>This time.</summary>
    Yes,

    /// <summary>And for the same question again, as long as this process runs.</summary>
    YesFromNowOn,
}
